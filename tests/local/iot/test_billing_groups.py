"""Billing groups, by API and by template."""

from __future__ import annotations

import json
import sys
from types import FrameType
from typing import Any

import pytest

from local.iot.billing_groups import BillingGroups
from local.ministack.scope import Scope
from tests.local.fleet import THING_TEMPLATE, Fleet, eventually

pytestmark = pytest.mark.slow


def stack_ended(fleet: Fleet, name: str) -> dict[str, Any]:
    stacks = fleet.aws.client("cloudformation")
    found: dict[str, Any] = eventually(
        lambda: stacks.describe_stacks(StackName=name)["Stacks"][0],
        lambda stack: not stack["StackStatus"].endswith("IN_PROGRESS"),
    )
    return found


def test_a_group_is_made_described_updated_and_deleted(fleet: Fleet) -> None:
    iot = fleet.iot
    made = iot.create_billing_group(
        billingGroupName="b1", billingGroupProperties={"billingGroupDescription": "one"}
    )
    again = iot.create_billing_group(
        billingGroupName="b1", billingGroupProperties={"billingGroupDescription": "one"}
    )
    assert made["billingGroupArn"] == again["billingGroupArn"]
    with pytest.raises(iot.exceptions.ResourceAlreadyExistsException):
        iot.create_billing_group(billingGroupName="b1")
    with pytest.raises(iot.exceptions.InvalidRequestException):
        iot.create_billing_group(billingGroupName="b 1")

    updated = iot.update_billing_group(
        billingGroupName="b1",
        billingGroupProperties={"billingGroupDescription": "two"},
        expectedVersion=1,
    )
    described = iot.describe_billing_group(billingGroupName="b1")
    assert updated["version"] == described["version"] == 2
    assert described["billingGroupProperties"] == {"billingGroupDescription": "two"}
    listed = iot.list_billing_groups(namePrefixFilter="b")["billingGroups"]
    assert listed == [{"groupName": "b1", "groupArn": made["billingGroupArn"]}]

    with pytest.raises(iot.exceptions.VersionConflictException):
        iot.delete_billing_group(billingGroupName="b1", expectedVersion=1)
    iot.delete_billing_group(billingGroupName="b1")
    iot.delete_billing_group(billingGroupName="b1")
    with pytest.raises(iot.exceptions.ResourceNotFoundException):
        iot.describe_billing_group(billingGroupName="b1")


def test_a_line_puts_its_thing_into_a_group_which_is_then_not_deleted(fleet: Fleet) -> None:
    fleet.iot.create_billing_group(billingGroupName="b2")
    body = json.loads(json.dumps(THING_TEMPLATE))
    body["Resources"]["thing"]["Properties"]["BillingGroup"] = "b2"

    fleet.run([{"ThingName": "billed"}], body)

    members = fleet.iot.list_things_in_billing_group(billingGroupName="b2")["things"]
    assert members == ["billed"]
    assert fleet.iot.describe_thing(thingName="billed")["billingGroupName"] == "b2"
    with pytest.raises(fleet.iot.exceptions.InvalidRequestException):
        fleet.iot.delete_billing_group(billingGroupName="b2")
    fleet.iot.remove_thing_from_billing_group(billingGroupName="b2", thingName="billed")
    fleet.iot.delete_billing_group(billingGroupName="b2")


def test_a_template_declares_a_group(fleet: Fleet) -> None:
    stacks = fleet.aws.client("cloudformation")
    template: dict[str, Any] = {
        "Resources": {
            "Group": {
                "Type": "AWS::IoT::BillingGroup",
                "Properties": {
                    "BillingGroupName": "b3",
                    "BillingGroupProperties": {"BillingGroupDescription": "one"},
                },
            }
        },
        "Outputs": {
            "Name": {"Value": {"Ref": "Group"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}},
        },
    }

    stacks.create_stack(StackName="billing", TemplateBody=json.dumps(template))
    stack = stack_ended(fleet, "billing")

    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    described = fleet.iot.describe_billing_group(billingGroupName="b3")
    assert outputs == {"Name": "b3", "Arn": described["billingGroupArn"]}

    properties = template["Resources"]["Group"]["Properties"]
    properties["BillingGroupProperties"]["BillingGroupDescription"] = "two"
    stacks.update_stack(StackName="billing", TemplateBody=json.dumps(template))
    assert stack_ended(fleet, "billing")["StackStatus"] == "UPDATE_COMPLETE"
    described = fleet.iot.describe_billing_group(billingGroupName="b3")
    assert described["billingGroupProperties"] == {"billingGroupDescription": "two"}

    fleet.iot.create_thing(thingName="in-the-way")
    fleet.iot.add_thing_to_billing_group(billingGroupName="b3", thingName="in-the-way")
    stacks.delete_stack(StackName="billing")
    assert stack_ended(fleet, "billing")["StackStatus"] == "DELETE_FAILED"
    fleet.iot.delete_thing(thingName="in-the-way")
    stacks.delete_stack(StackName=stack["StackId"])
    assert stack_ended(fleet, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_twice_as_many_things_join_and_leave_with_twice_the_work() -> None:
    assert lines_executed(things=2000) < 2.1 * lines_executed(things=1000)


def lines_executed(things: int) -> int:
    """How many lines of billing_groups.py run while things join, change and leave groups."""
    scope = Scope("000000000000", "us-east-1")
    groups = BillingGroups(lambda scope, thing: True)
    groups.create(scope, "a", {})
    groups.create(scope, "b", {})
    executed = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal executed
        if not frame.f_code.co_filename.endswith("billing_groups.py"):
            return None
        executed += event == "line"
        return count

    def put(action: str, group: str, thing: str) -> None:
        body = json.dumps({"billingGroupName": group, "thingName": thing}).encode()
        path = f"/billing-groups/{action}BillingGroup"
        assert groups.handle(scope, "PUT", path, {}, body)

    before = sys.gettrace()
    sys.settrace(count)
    try:
        for n in range(things):
            put("addThingTo", "a", f"thing{n}")
        for n in range(0, things, 2):
            put("addThingTo", "b", f"thing{n}")
        put("removeThingFrom", "b", "thing1")
        put("removeThingFrom", "a", "thing3")
    finally:
        sys.settrace(before)
    found = [groups.of_thing(scope, f"thing{n}") for n in range(5)]
    assert found == ["b", "a", "b", None, "b"]
    return executed


def test_a_thing_that_was_deleted_is_in_no_group_any_more() -> None:
    scope = Scope("000000000000", "us-east-1")
    things = {"kept", "gone"}
    groups = BillingGroups(lambda scope, thing: thing in things)
    groups.create(scope, "a", {})
    for thing in sorted(things):
        body = json.dumps({"billingGroupName": "a", "thingName": thing}).encode()
        groups.handle(scope, "PUT", "/billing-groups/addThingToBillingGroup", {}, body)
    things.remove("gone")

    reply = groups.handle(scope, "GET", "/billing-groups/a/things", {}, b"")

    assert reply is not None
    assert reply.body == {"things": ["kept"]}
    assert groups.of_thing(scope, "gone") is None
