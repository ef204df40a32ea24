"""A device whose line is removed is retired; a line that returns brings its certificate back."""

import pytest

from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import sent_as_known
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_removed_line_sets_its_certificate_inactive_and_leaves_the_thing(
    deployed: Stack, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(NAMES[2])
    deployed.declare_devices(deployed.devices()[:2])

    assert deployed.update() == "UPDATE_COMPLETE"
    # The thing still leads to its key.
    assert registry.certificate_of(NAMES[2]) == certificate_id
    assert registry.statuses()[certificate_id] == "INACTIVE"
    assert set(registry.things()) == set(NAMES)
    assert sorted(registry.statuses().values()) == ["ACTIVE", "ACTIVE", "INACTIVE"]
    told = {"Succeeded": 0, "Failed": 0, "Registered": 2, "Unchanged": 2, "Removed": 0}
    assert deployed.counts() == told


def test_a_line_that_returns_brings_its_certificate_back(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    before, devices = registry.certificate_ids(), deployed.devices()
    deployed.declare_devices(devices[:2])
    deployed.update()
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == [NAMES[2]]
    assert registry.certificate_ids() == before
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert registry.certificate_of(NAMES[2])
    assert deployed.counts()["Registered"] == 3
