"""A device whose line is removed is retired; a line that returns brings its certificate back."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
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


def test_a_device_that_had_an_earlier_key_is_retired_with_both_certificates(
    deployed: Stack, registry: Registry
) -> None:
    first, *others = deployed.devices()
    deployed.declare_devices([{**first, "CSR": device("with-a-new-key")["CSR"]}, *others])
    assert deployed.update() == "UPDATE_COMPLETE"
    assert list(registry.statuses().values()) == ["ACTIVE"] * 4
    deployed.declare_devices(others)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"] * 2
    assert len(registry.certificates_of(first["ThingName"])) == 2


def test_a_renamed_device_whose_new_line_fails_stays_in_service(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    first, *others = deployed.devices()
    deployed.declare(MaxFailures="1")
    deployed.declare_devices([{**first, "ThingName": "renamed"}, *others])
    aws.faults(lines=[{"pattern": '"renamed"'}])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert registry.certificate_of(first["ThingName"])
    aws.faults()
    deployed.declare(MaxFailures="0")
    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_of("renamed")
    assert registry.certificates_of(first["ThingName"]) == []


def test_what_a_rollback_brings_back_a_later_deployment_retires_again(
    deployed: Stack, registry: Registry
) -> None:
    devices = deployed.devices()
    deployed.declare_devices(devices[1:])
    deployed.declare_failing_resource()
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    del deployed.template["Resources"]["Fails"]

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"]


@pytest.mark.parametrize("name", [NAMES[2], "renamed"])
def test_what_returned_is_out_of_use_after_a_rollback_and_returns_with_its_line(
    deployed: Stack, registry: Registry, name: str
) -> None:
    *others, last = deployed.devices()
    deployed.declare_devices(others)
    assert deployed.update() == "UPDATE_COMPLETE"
    deployed.declare_devices([*others, {**last, "ThingName": name}])
    deployed.declare_failing_resource()
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"]
    del deployed.template["Resources"]["Fails"]

    assert deployed.update() == "UPDATE_COMPLETE"
    assert list(registry.statuses().values()) == ["ACTIVE"] * 3
    assert registry.certificate_of(name)
    assert deployed.counts()["Registered"] == 3


def test_a_retired_device_that_returns_under_another_name_is_renamed(
    deployed: Stack, registry: Registry
) -> None:
    *others, last = deployed.devices()
    deployed.declare_devices(others)
    assert deployed.update() == "UPDATE_COMPLETE"
    deployed.declare_devices([*others, {**last, "ThingName": "renamed"}])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert list(registry.statuses().values()) == ["ACTIVE"] * 3
    assert registry.certificate_of("renamed")
    assert registry.certificates_of(last["ThingName"]) == []
    counts = deployed.counts()
    assert (counts["Registered"], counts["Removed"]) == (3, 0)
    deployed.declare_devices(others)
    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"]
