"""The account's one slot, and the role that AWS IoT assumes."""

from collections.abc import Callable

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

FOREIGN_BUCKET = "somebody-elses-bucket"


def test_a_slot_that_is_busy_is_waited_for(aws: Aws, stack: Stack) -> None:
    aws.faults(foreign_task_seconds=6)

    assert stack.create() == "CREATE_COMPLETE"
    foreign, ours = all_tasks(aws)
    assert (foreign["inputFileBucket"], foreign["status"]) == (FOREIGN_BUCKET, "Completed")
    assert ours["status"] == "Completed"


def test_a_slot_that_is_busy_until_the_deadline_fails_naming_who_has_it(
    aws: Aws, stack: Stack
) -> None:
    stack.declare(TimeoutSeconds=5)
    aws.faults(foreign_task_seconds=600)

    assert stack.create() == "ROLLBACK_COMPLETE"
    (foreign,) = all_tasks(aws)
    assert f"slot was still taken by task {foreign['taskId']} (InProgress" in stack.reason()
    assert foreign["status"] == "InProgress"


@pytest.mark.parametrize(
    "code",
    [
        "LimitExceededException",
        "InvalidRequestException",
        "ConflictException",
        "ResourceAlreadyExistsException",
        "TaskAlreadyExistsException",
        "ServiceUnavailableException",
    ],
)
def test_a_slot_that_another_took_a_moment_before_is_waited_for_whatever_aws_calls_it(
    aws: Aws, stack: Stack, code: str
) -> None:
    message = "The maximum number of registration tasks in progress has been reached: 1"
    fault = {"api": "StartThingRegistrationTask", "code": code, "message": message, "next": 2}
    aws.faults(calls=[fault])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_two_stacks_at_once_register_one_after_the_other(
    aws: Aws, new_stack: Callable[[str], Stack]
) -> None:
    aws.faults(things_per_second=1)
    first, second = new_stack("Fleet"), new_stack("Other")

    first.begin_create()
    second.begin_create()

    assert (first.end(), second.end()) == ("CREATE_COMPLETE", "CREATE_COMPLETE")
    earlier, later = all_tasks(aws)
    assert earlier["lastModifiedDate"] <= later["creationDate"]
    assert earlier["successCount"] == later["successCount"] == 3


def test_two_tasks_in_one_stack_register_one_after_the_other(
    aws: Aws, new_stack: Callable[[str], Stack]
) -> None:
    aws.faults(things_per_second=1)

    assert new_stack("Pair").create() == "CREATE_COMPLETE"
    assert [task["successCount"] for task in all_tasks(aws)] == [3, 3]


def test_a_role_that_cannot_be_assumed_at_the_start_yet_is_waited_for(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(role={"seconds": 12, "at": "start"})

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_role_that_cannot_be_assumed_by_the_task_fails_it_and_a_second_try_succeeds(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(role={"seconds": 600, "at": "task"})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "is unable to perform: sts:AssumeRole" in stack.reason()
    assert len(starts(aws)) == 1
    aws.faults()
    assert stack.delete() == "DELETE_COMPLETE"
    assert stack.create() == "CREATE_COMPLETE"


def test_a_worker_that_may_not_pass_the_role_fails_and_says_what_is_missing(
    aws: Aws, stack: Stack
) -> None:
    for resource in stack.template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                statements = policy["PolicyDocument"]["Statement"]
                statements[:] = [each for each in statements if each["Action"] != "iam:PassRole"]

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "AccessDenied" in stack.reason()
    assert "must be allowed" in stack.reason()
    assert "iam:PassRole" in stack.reason()
    assert not starts(aws)
