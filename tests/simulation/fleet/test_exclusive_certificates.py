"""Devices that are renamed where each certificate belongs to one thing only."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import TEMPLATE
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

OLD, NEW = "Removal-Task-0", "renamed"


@pytest.fixture
def deployed(new_stack: Callable[[str], Stack]) -> Stack:
    """A stack with the right to detach, whose devices have certificates of their own."""
    template = copy.deepcopy(TEMPLATE)
    certificate = template["Resources"]["certificate"]["Properties"]
    certificate["ThingPrincipalType"] = "EXCLUSIVE_THING"
    stack = new_stack("Removal")
    stack.declare(Deregister="NEVER")
    stack.declare_template(template)
    assert stack.create() == "CREATE_COMPLETE"
    return stack


def rename(stack: Stack) -> None:
    """Give the first device another name."""
    first, *others = stack.devices()
    stack.declare_devices([{**first, "ThingName": NEW}, *others])


def test_a_renamed_device_has_its_certificate_and_the_old_thing_has_it_no_more(
    deployed: Stack, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(OLD)
    rename(deployed)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_of(NEW) == certificate_id
    assert registry.certificates_of(OLD) == []
    assert set(registry.statuses().values()) == {"ACTIVE"}


def test_a_renamed_device_whose_line_fails_keeps_its_certificate_under_the_old_name(
    aws: SimulatedAws, deployed: Stack, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(OLD)
    rename(deployed)
    deployed.declare(MaxFailures="1")
    aws.faults(lines=[{"pattern": f'"{NEW}"'}])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_of(OLD) == certificate_id
    aws.faults()
    deployed.declare(MaxFailures="0")
    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_of(NEW) == certificate_id


def test_a_rename_that_is_rolled_back_can_be_made_undone_by_the_next_deployment(
    deployed: Stack, registry: Registry
) -> None:
    certificate_id, devices = registry.certificate_of(OLD), deployed.devices()
    rename(deployed)
    deployed.declare_failing_resource()
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    del deployed.template["Resources"]["Fails"]
    deployed.declare_devices(devices)
    deployed.declare(MaxFailures="0.1%")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_of(OLD) == certificate_id
    assert len(registry.certificates()) == 3
    assert set(registry.statuses().values()) == {"ACTIVE"}
