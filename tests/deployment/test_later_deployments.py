"""Later deployments: the file is the fleet, a key has one certificate, and what was destroyed
deploys again.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.app_stack import device
from tests.deployment.uploaded_stack import FleetStack, simulated

pytestmark = pytest.mark.slow

DEVICES = [device(number) for number in range(20)]
NAMES = [each["ThingName"] for each in DEVICES]
GROUPS = 600


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[FleetStack]:
    """A stack that is not created yet; at the end no key has two certificates."""
    with simulated() as aws:
        stack = FleetStack(aws, tmp_path)
        yield stack
        assert all(len(ids) == 1 for ids in stack.registry.certificate_ids().values())


def test_a_line_more_and_a_line_less_make_one_certificate_a_device(stack: FleetStack) -> None:
    assert stack.deploy(DEVICES) == "CREATE_COMPLETE"
    assert stack.deploy([*DEVICES, device(20)]) == "UPDATE_COMPLETE"
    told = {"Succeeded": 1, "Failed": 0, "Registered": 21, "Unchanged": 20, "Removed": 0}
    assert stack.counts() == told

    assert stack.deploy(DEVICES[1:]) == "UPDATE_COMPLETE"
    told = {"Succeeded": 0, "Failed": 0, "Registered": 21, "Unchanged": 19, "Removed": 2}
    assert stack.counts() == told
    assert {len(ids) for ids in stack.certificates().values()} == {1}
    assert len(stack.registry.certificates()) == len(stack.registry.things()) == 21
    assert stack.task_count() == 2


def test_a_first_deployment_with_a_failing_device_is_mended_and_deployed_again(
    stack: FleetStack,
) -> None:
    stack.aws.faults(lines=[{"pattern": "device-07", "message": "no room"}])
    failed = stack.deploy(DEVICES)
    reason = stack.reason()
    stack.aws.faults()
    # As `cdk deploy` does before it creates the stack again.
    stack.delete()

    mended = stack.deploy(DEVICES)

    assert (failed, mended) == ("ROLLBACK_COMPLETE", "CREATE_COMPLETE"), stack.reasons()
    assert "line 8, thing device-07: no room" in reason
    assert sorted(stack.certificates()) == NAMES
    assert len(stack.registry.certificates()) == 20
    assert stack.counts()["Registered"] == 20


def test_what_was_destroyed_deploys_again_with_the_same_certificates(stack: FleetStack) -> None:
    assert stack.deploy(DEVICES) == "CREATE_COMPLETE"
    before = stack.certificates()
    assert stack.delete() == "DELETE_COMPLETE"

    again = stack.deploy(DEVICES)

    assert again == "CREATE_COMPLETE", stack.reasons()
    assert stack.certificates() == before
    assert stack.counts()["Registered"] == 20


def test_another_tolerance_and_another_role_send_nothing(stack: FleetStack) -> None:
    assert stack.deploy(DEVICES) == "CREATE_COMPLETE"
    before = stack.certificates()

    tolerant = stack.deploy(DEVICES, max_failures=3)
    other_role = stack.deploy(DEVICES, role="Another")

    assert (tolerant, other_role) == ("UPDATE_COMPLETE", "UPDATE_COMPLETE"), stack.reasons()
    assert stack.certificates() == before
    assert stack.task_count() == 1
    assert stack.counts()["Unchanged"] == 20


def test_600_groups_fit_into_a_stack_and_are_there_for_the_next_one(stack: FleetStack) -> None:
    template = {
        "Parameters": {"ThingName": {"Type": "String"}, "Group": {"Type": "String"}},
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": "ThingName"},
                    "ThingGroups": [{"Ref": "Group"}],
                },
            }
        },
    }
    devices = [{"ThingName": f"meter-{n:03}", "Group": f"site-{n:03}"} for n in range(GROUPS)]

    first = stack.deploy(devices, template=template)
    assert stack.delete() == "DELETE_COMPLETE"
    again = stack.deploy(devices, template=template)

    assert (first, again) == ("CREATE_COMPLETE", "CREATE_COMPLETE"), stack.reasons()
    pages = stack.aws.client("iot").get_paginator("list_thing_groups").paginate()
    assert sum(len(page["thingGroups"]) for page in pages) == GROUPS
    assert len(stack.registry.things()) == GROUPS
