"""Deletes: nothing runs afterwards, and nothing is in the way of the rest of the stack."""

import json
import re

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

# So many seconds CloudFormation waits for the Create, and then for the Delete.
GIVEN_UP = "15"


def buckets(aws: Aws) -> list[str]:
    """The buckets that the stack has made and that still exist."""
    names = [bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name.startswith("fleet-")]


def test_a_delete_with_destroy_empties_the_prefix_so_that_the_bucket_goes_too(
    aws: Aws, stack: Stack
) -> None:
    stack.template["Resources"]["TaskBucket1B071B7D"]["Properties"]["VersioningConfiguration"] = {
        "Status": "Enabled"
    }
    stack.create()
    stack.declare_new_file()
    stack.update()
    (bucket,) = buckets(aws)
    assert aws.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0

    assert stack.delete() == "DELETE_COMPLETE"
    assert buckets(aws) == []
    assert aws.client("iot").list_things()["things"]


def test_a_delete_with_retain_leaves_input_and_reports(aws: Aws, stack: Stack) -> None:
    stack.retain()
    stack.create()

    assert stack.delete() == "DELETE_COMPLETE"
    (bucket,) = buckets(aws)
    left = [item["Key"] for item in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert any("/input/" in key for key in left)
    assert any("/runs/" in key for key in left)


def test_after_a_create_that_fails_the_delete_leaves_nothing(aws: Aws, stack: Stack) -> None:
    aws.faults(lines=[{"line": 1}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert [event["request_type"] for event in aws.journal("event")] == ["Create", "Delete"]
    assert buckets(aws) == []


def test_a_delete_while_the_task_runs_stops_it(aws: Aws, stack: Stack) -> None:
    stack.retain()
    stack.declare(ServiceTimeout=GIVEN_UP)
    aws.faults(task={"ends": "hangs"}, cancelling_seconds=3)

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert [task["status"] for task in all_tasks(aws)] == ["Cancelled"]


def test_a_delete_while_the_slot_is_waited_for_ends_the_wait(aws: Aws, stack: Stack) -> None:
    stack.retain()
    stack.declare(ServiceTimeout=GIVEN_UP)
    aws.faults(foreign_task_seconds=600)

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert not starts(aws)


def test_a_start_that_is_under_way_when_a_delete_comes_is_found_and_stopped(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    physical_id = json.loads(aws.journal("answer")[-1]["body"])["PhysicalResourceId"]
    stack.declare_new_file()
    slow = {"api": "StartThingRegistrationTask", "code": None, "latency": 8.0, "next": 1}
    aws.faults(task={"ends": "hangs"}, calls=[slow])
    stack.begin_update()
    until("a start", lambda: aws.fault_strikes()["calls[0]"], bool)
    update = aws.journal("event")[-1]
    by_hand.superseded.add(update["request_id"])

    delete = by_hand.send("Delete", physical_id, {**update["properties"], "EmptyOnDelete": "false"})

    assert by_hand.answer_to(delete)["Status"] == "SUCCESS"
    assert [task["status"] for task in all_tasks(aws)] == ["Completed", "Cancelled"]


def test_a_delete_with_an_invented_physical_id_succeeds(aws: Aws, stack: Stack) -> None:
    # Lambda tries an event again after one minute and after two more.
    stack.declare(ServiceTimeout="300")
    aws.faults(lambdas=[{"function": "OnEvent", "what": "dies_before", "next": 3}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    create, delete = aws.journal("event")
    assert (create["physical_id"], delete["physical_id"][:6]) == (None, "Fleet-")


def test_a_delete_event_that_comes_twice_is_answered(aws: Aws, stack: Stack) -> None:
    stack.create()
    aws.faults(duplicate_events=1)

    assert stack.delete() == "DELETE_COMPLETE"
    kinds = [event["request_type"] for event in aws.journal("event")]
    assert kinds == ["Create", "Delete", "Delete"]


def test_a_delete_that_failed_succeeds_when_it_is_repeated_and_repeated_again(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    properties = aws.journal("event")[-1]["properties"]
    physical_id = json.loads(aws.journal("answer")[-1]["body"])["PhysicalResourceId"]
    denied = {"service": "s3", "code": "AccessDenied", "status": 403, "message": "not today"}
    aws.faults(calls=[{**denied, "api": "DeleteObjects", "next": 5}])

    first = by_hand.answer_to(by_hand.send("Delete", physical_id, properties))
    second = by_hand.answer_to(by_hand.send("Delete", physical_id, properties))

    assert (first["Status"], second["Status"]) == ("FAILED", "SUCCESS")
    assert "not today" in first["Reason"]
    assert stack.delete() == "DELETE_COMPLETE"


def test_a_delete_after_someone_removed_bucket_and_role_succeeds(aws: Aws, stack: Stack) -> None:
    stack.create()
    remove_bucket(aws)
    remove_role(aws, stack)

    assert stack.delete() == "DELETE_COMPLETE"


def test_an_update_of_the_file_after_someone_removed_the_bucket_fails_and_registers_nothing(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    remove_bucket(aws)
    stack.declare_new_file()

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert re.search("bucket fleet-[a-z0-9-]+ does not exist", stack.reason())
    assert len(starts(aws)) == 1


def test_an_update_after_someone_removed_the_bucket_says_so_and_is_rolled_back(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    remove_bucket(aws)
    stack.declare(MaxFailures="1")

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert re.search("bucket fleet-[a-z0-9-]+ does not exist", stack.reason())


def test_an_update_of_the_file_after_someone_removed_the_role_fails_and_registers_nothing(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    remove_role(aws, stack)
    stack.declare_new_file()

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "must trust iot.amazonaws.com" in stack.reason()
    assert len(starts(aws)) == 1


def remove_bucket(aws: Aws) -> None:
    (bucket,) = buckets(aws)
    s3 = aws.client("s3")
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)


def remove_role(aws: Aws, stack: Stack) -> None:
    (role,) = [name for name in stack.physical_ids(["AWS::IAM::Role"]) if "IotRole" in name]
    iam = aws.client("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=role)
