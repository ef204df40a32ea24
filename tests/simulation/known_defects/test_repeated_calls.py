"""A step that needs several calls, of which one is repeated because its answer was lost."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.simulation.assembly import TEMPLATE
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.fleet.sent import NAMES, sent_things
from tests.simulation.fleet.templates import THINGS_ONLY, with_attribute
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.earlier_fleet import register_before
from tests.simulation.known_defects.watch import Watch
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES as REMOVAL_NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

# More than one call of LookUp asks about, at five a second.
EXISTING = 260
# S3 takes so long for each answer: the calls of Compare before the first line then take longer than
# its budget, but not longer than the worker may.
SLOW_CREATION, SLOW_UPDATE = 24, 24
# They begin with what the step before has returned, and are over with one call each.
OTHER_STEPS = ("Prepare", "Recover", "Provide", "LookUp", "Start", "Observe", "Finish", "Answer")


def test_a_key_is_certified_once_when_the_second_answer_of_the_look_up_is_lost(
    stack: Stack, by_hand: ByHand, registry: Registry, watch: Watch
) -> None:
    devices = [device(f"known-{number}") for number in range(EXISTING)]
    register_before(by_hand, devices, THINGS_ONLY)
    stack.declare_devices(devices)
    watch.lose_answer("LookUp", 2)

    status = stack.create()

    arranged(watch.invocations("LookUp") >= 3, f"{watch.invocations('LookUp')} calls of LookUp")
    twice = [ids for ids in registry.certificate_ids().values() if len(ids) > 1]
    assert (status, len(twice)) == ("CREATE_COMPLETE", 0), f"{len(twice)} keys certified twice"


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


@pytest.mark.parametrize("lost", [1, 2])
def test_each_line_is_registered_when_an_answer_of_the_comparison_is_lost(
    stack: Stack, registry: Registry, watch: Watch, lost: int
) -> None:
    slow_comparison(watch, SLOW_CREATION)
    watch.lose_answer("Compare", lost)

    status = stack.create()

    arranged(watch.invocations("Compare") > 2, f"{watch.invocations('Compare')} calls of Compare")
    assert (status, sorted(registry.things())) == ("CREATE_COMPLETE", NAMES)


def test_a_line_that_cannot_be_read_fails_the_deployment_although_the_answer_is_lost(
    stack: Stack, registry: Registry, watch: Watch
) -> None:
    _, *others = [json.dumps(each).encode() + b"\n" for each in stack.devices()]
    stack.declare_new_file(b'{"ThingName": "unreadable", "CSR": "cut"}\n' + b"".join(others))
    slow_comparison(watch, SLOW_CREATION)
    watch.lose_answer("Compare", 1)

    status = stack.create()

    assert (status, sorted(registry.things())) == ("ROLLBACK_COMPLETE", [])


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


def test_a_rollback_takes_back_a_retirement_whose_answer_was_lost(
    removal: Stack, registry: Registry, watch: Watch
) -> None:
    removal.declare_devices(removal.devices()[:2])
    removal.declare_failing_resource()
    watch.lose_answer("Deregister", 1)

    status = removal.update()

    active = list(registry.statuses().values()).count("ACTIVE")
    assert (status, active) == ("UPDATE_ROLLBACK_COMPLETE", len(REMOVAL_NAMES))


@pytest.mark.parametrize(
    ("slow", "step", "number"),
    [
        ("", "", 0),
        ("Compare", "", 0),
        ("LookUp", "", 0),
        *[("Compare", step, 1) for step in OTHER_STEPS],
        *[("Compare", "Compare", number) for number in range(1, 6)],
        ("Compare", "Compare", 6),
        ("LookUp", "LookUp", 1),
        ("LookUp", "LookUp", 2),
        ("", "Deregister", 1),
    ],
)
def test_an_answer_that_is_lost_changes_neither_an_update_nor_the_one_after_it(
    removal: Stack, registry: Registry, watch: Watch, slow: str, step: str, number: int
) -> None:
    devices = removal.devices()
    new = [device(f"new-{place}") for place in range(3)]
    if slow == "Compare":
        slow_comparison(watch, SLOW_UPDATE)
    for api in ("DescribeThing", "DescribeCertificate") if slow == "LookUp" else ():
        watch.slow("LookUp", api, 19)
    if step:
        watch.lose_answer(step, number)
    removal.declare_template(with_attribute("site", "roof"))
    removal.declare_devices([*devices[:2], *new])

    first = told(removal, registry, removal.update())
    watch.stop()
    removal.declare_devices([*devices, *new])
    second = told(removal, registry, removal.update())

    assert first == {
        "status": "UPDATE_COMPLETE",
        "counts": (5, 0, 5, 0, 0),
        "certificates": {"ACTIVE": 5, "INACTIVE": 1},
    }
    assert second == {
        "status": "UPDATE_COMPLETE",
        "counts": (1, 0, 6, 5, 0),
        "certificates": {"ACTIVE": 6},
    }


def told(stack: Stack, registry: Registry, status: str) -> dict[str, object]:
    """Return what a deployment says, and what AWS IoT has after it."""
    return {
        "status": status,
        "counts": tuple(stack.counts().values()),
        "certificates": dict(Counter(registry.statuses().values())),
    }


def slow_comparison(watch: Watch, seconds: float) -> None:
    """Let each call of Compare be over after one line: S3 takes long for each answer."""
    watch.slow("Compare", "GetObject", seconds)
