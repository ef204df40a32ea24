"""With ALL, the deletion of the stack deletes what its tasks have made, and nothing else."""

from collections.abc import Callable

import pytest

from tests.simulation.aws import Aws
from tests.simulation.devices import device
from tests.simulation.fleet.templates import with_attribute
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack that deletes its devices with itself, not created yet."""
    return new_stack("Removal")


def test_the_deletion_of_the_stack_deletes_things_and_certificates(
    deployed: Stack, registry: Registry
) -> None:
    assert deployed.delete() == "DELETE_COMPLETE"

    assert registry.things() == {}
    assert registry.certificates() == []


def test_a_bucket_that_is_retained_is_left_with_an_empty_inventory(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    stack.retain()
    devices = stack.devices
    stack.create()
    declared = devices()

    assert stack.delete() == "DELETE_COMPLETE"
    assert registry.things() == {}
    stack.declare_devices(declared)
    assert stack.create() == "CREATE_COMPLETE"
    assert stack.counts()["Registered"] == 3


def test_retired_devices_are_deleted_too(deployed: Stack, registry: Registry) -> None:
    deployed.declare_devices(deployed.devices()[:2])
    deployed.update()

    assert deployed.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_a_device_that_was_renamed_leaves_nothing(deployed: Stack, registry: Registry) -> None:
    first, *others = deployed.devices()
    deployed.declare_devices([{**first, "ThingName": "renamed"}, *others])
    assert deployed.update() == "UPDATE_COMPLETE"
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}

    assert deployed.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_the_certificate_of_an_earlier_key_is_deleted_too(
    deployed: Stack, registry: Registry
) -> None:
    first, *others = deployed.devices()
    deployed.declare_devices([{**device("new"), "ThingName": first["ThingName"]}, *others])
    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(registry.certificates()) == 4

    assert deployed.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_a_certificate_of_a_line_that_failed_is_deleted_too(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    deployed.declare_devices([*deployed.devices(), device("bad")])
    aws.faults(lines=[{"pattern": '"bad"', "after": "certificate"}])
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"

    assert deployed.delete() == "DELETE_COMPLETE"
    assert registry.certificates() == []


def test_a_policy_stays_and_is_detached(aws: Aws, stack: Stack, registry: Registry) -> None:
    iot = aws.client("iot")
    iot.create_policy(policyName="connect", policyDocument='{"Version": "2012-10-17"}')
    template = with_attribute("model", "m2")
    template["Resources"]["policy"] = {
        "Type": "AWS::IoT::Policy",
        "Properties": {"PolicyName": "connect"},
    }
    stack.declare_template(template)
    assert stack.create() == "CREATE_COMPLETE"
    assert len(iot.list_targets_for_policy(policyName="connect")["targets"]) == 3

    assert stack.delete() == "DELETE_COMPLETE"
    assert iot.list_targets_for_policy(policyName="connect")["targets"] == []
    assert registry.certificates() == []


def test_a_detachment_that_propagates_late_is_waited_for(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    aws.faults(detachment_lag_seconds=4)

    assert deployed.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_a_device_that_was_renamed_is_deleted_although_a_detachment_propagates_late(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    first, *others = deployed.devices()
    deployed.declare(Deregister="NEVER")
    deployed.declare_devices([{**first, "ThingName": f"{NAMES[0]}-renamed"}, *others])
    assert deployed.update() == "UPDATE_COMPLETE"
    deployed.declare(Deregister="ALL")
    assert deployed.update() == "UPDATE_COMPLETE"
    aws.faults(detachment_lag_seconds=4)

    assert deployed.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_what_was_there_before_the_stack_stays(aws: Aws, stack: Stack, registry: Registry) -> None:
    iot = aws.client("iot")
    iot.create_thing(thingName=NAMES[0])
    iot.create_thing(thingName="foreign")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName="foreign", principal=made["certificateArn"])
    assert stack.create() == "CREATE_COMPLETE"

    assert stack.delete() == "DELETE_COMPLETE"
    assert set(registry.things()) == {NAMES[0], "foreign"}
    assert registry.statuses() == {made["certificateId"]: "ACTIVE"}
    assert registry.certificate_of("foreign") == made["certificateId"]


def test_a_certificate_that_another_thing_uses_stays_active(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    iot = aws.client("iot")
    (arn,) = iot.list_thing_principals(thingName=NAMES[0])["principals"]
    iot.create_thing(thingName="foreign")
    iot.attach_thing_principal(thingName="foreign", principal=arn)

    assert deployed.delete() == "DELETE_COMPLETE"
    assert set(registry.things()) == {"foreign"}
    assert registry.statuses() == {arn.rpartition("/")[2]: "ACTIVE"}


def test_a_creation_that_is_rolled_back_deletes_nothing(stack: Stack, registry: Registry) -> None:
    stack.declare_failing_resource()

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert set(registry.things()) == set(NAMES)
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}


def test_a_task_that_leaves_the_stack_with_an_update_deletes_nothing(
    deployed: Stack, registry: Registry
) -> None:
    (task,) = deployed.tasks
    resource = deployed.template["Resources"].pop(task)
    resource["Properties"]["TakeOver"] = f"{deployed.name}/{task}"
    deployed.template["Resources"]["Renamed"] = resource
    deployed.template["Outputs"] = {}

    assert deployed.update() == "UPDATE_COMPLETE"
    assert set(registry.things()) == set(NAMES)
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}


def test_removed_lines_delete_nothing_with_the_stack(deployed: Stack, registry: Registry) -> None:
    deployed.declare(Deregister="REMOVED_LINES")
    deployed.update()

    assert deployed.delete() == "DELETE_COMPLETE"
    assert set(registry.things()) == set(NAMES)
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}


def test_what_aws_refuses_fails_the_deletion_naming_the_thing(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    iot = aws.client("iot")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName=NAMES[1], principal=made["certificateArn"])

    assert deployed.delete() == "DELETE_FAILED"
    assert set(registry.things()) == {NAMES[1]}
    assert f"thing {NAMES[1]}: DeleteThing: InvalidRequestException: " in deployed.reason()
    assert "1 of 3 devices could not be deregistered" in deployed.reason()


def test_a_deletion_during_the_creation_deletes_what_its_task_has_made_until_then(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    aws.faults(task={"ends": "hangs", "after_lines": 1})
    stack.begin_create()
    until("a thing", registry.things, len)

    assert stack.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])
