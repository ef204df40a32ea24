"""A step that needs several calls, of which one is repeated because its answer was lost."""

from __future__ import annotations

import pytest

from tests.simulation.by_hand import ByHand
from tests.simulation.declared import TEMPLATE
from tests.simulation.devices import device
from tests.simulation.fleet.sent import NAMES, sent_things
from tests.simulation.fleet.templates import THINGS_ONLY
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.earlier_fleet import register_before
from tests.simulation.known_defects.watch import Watch
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES as REMOVAL_NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

D2 = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="D2: a repeated call of LookUp adds its lines to files that the lost call has written",
)
D3 = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="D3: a repeated call of Compare begins behind the lines that the lost call has compared",
)
D2_RETIRED = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="D2: a repeated retirement takes the certificate for one that somebody else silenced",
)
# More than one call of LookUp asks about, at five a second.
EXISTING = 260
# S3 takes so long for each answer: a call of Compare is over after one line.
SLOW_SECONDS = 16


@D2
def test_a_key_is_certified_once_when_the_second_answer_of_the_look_up_is_lost(
    stack: Stack, by_hand: ByHand, registry: Registry, watch: Watch
) -> None:
    devices = [device(f"known-{number}") for number in range(EXISTING)]
    register_before(by_hand, devices, THINGS_ONLY)
    stack.declare_devices(devices)
    watch.lose_answer("LookUp", 2)

    status = stack.create()

    arranged(watch.invocations("LookUp") == 3, f"{watch.invocations('LookUp')} calls of LookUp")
    twice = [ids for ids in registry.certificate_ids().values() if len(ids) > 1]
    assert (status, len(twice)) == ("CREATE_COMPLETE", 0), f"{len(twice)} keys certified twice"


@D2
def test_a_known_device_is_sent_once_when_the_second_answer_of_the_look_up_is_lost(
    stack: Stack, by_hand: ByHand, watch: Watch
) -> None:
    devices = [device(f"known-{number}") for number in range(EXISTING)]
    register_before(by_hand, devices, TEMPLATE)
    stack.declare_devices(devices)
    watch.lose_answer("LookUp", 2)

    status = stack.create()

    arranged(watch.invocations("LookUp") >= 3, f"{watch.invocations('LookUp')} calls of LookUp")
    sent = sent_things(by_hand, after=0)
    assert (status, len(sent)) == ("CREATE_COMPLETE", EXISTING)


@D3
@pytest.mark.parametrize("lost", [1, 2])
def test_each_line_is_registered_when_an_answer_of_the_comparison_is_lost(
    stack: Stack, registry: Registry, watch: Watch, lost: int
) -> None:
    for api in ("ListObjectsV2", "GetObject"):
        watch.slow("Compare", api, SLOW_SECONDS)
    watch.lose_answer("Compare", lost)

    status = stack.create()

    arranged(watch.invocations("Compare") > 2, f"{watch.invocations('Compare')} calls of Compare")
    assert (status, sorted(registry.things())) == ("CREATE_COMPLETE", NAMES)


@D2_RETIRED
def test_a_device_comes_back_after_the_answer_of_its_retirement_was_lost(
    removal: Stack, registry: Registry, watch: Watch
) -> None:
    devices = removal.devices()
    removal.declare_devices(devices[:2])
    watch.lose_answer("Deregister", 1)
    arranged(removal.update() == "UPDATE_COMPLETE", "nothing was retired")
    arranged("INACTIVE" in registry.statuses().values(), "nothing was retired")
    removal.declare_devices(devices)

    status = removal.update()

    active = list(registry.statuses().values()).count("ACTIVE")
    assert (status, active) == ("UPDATE_COMPLETE", len(REMOVAL_NAMES))
