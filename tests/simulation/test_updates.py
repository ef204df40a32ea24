"""Updates, rollbacks, and requests that a newer one supersedes."""

import json
from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


def last_answer(aws: Aws) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(aws.journal("answer")[-1]["body"])
    return answer


def test_an_update_of_the_file_registers_the_new_one(aws: Aws, stack: Stack) -> None:
    stack.create()
    stack.declare_new_file(count=4)

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 2
    assert stack.outputs()["TaskSucceeded"] == "4"


def test_an_update_of_something_else_registers_nothing_and_keeps_the_task_id(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    task_id = stack.outputs()["TaskId"]
    stack.declare(MaxFailures="7", TimeoutSeconds="600")

    assert stack.update() == "UPDATE_COMPLETE"
    assert [event["request_type"] for event in aws.journal("event")] == ["Create", "Update"]
    assert len(starts(aws)) == 1
    assert stack.outputs()["TaskId"] == task_id


def test_an_update_that_fails_is_rolled_back_without_registering(aws: Aws, stack: Stack) -> None:
    stack.create()
    stack.declare_new_file()
    aws.faults(lines=[{"line": 1}])

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "2 things registered, 1 failed" in stack.reason()
    assert len(starts(aws)) == 2


def test_a_rollback_after_our_success_registers_nothing(aws: Aws, stack: Stack) -> None:
    stack.create()
    stack.declare_new_file()
    stack.declare_failing_resource()

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    kinds = [event["request_type"] for event in aws.journal("event")]
    assert kinds == ["Create", "Update", "Update"]
    assert len(starts(aws)) == 2
    last = all_tasks(aws)[-1]
    assert last_answer(aws)["Data"]["TaskId"] == last["taskId"]


def test_a_redeployment_of_the_rolled_back_file_does_not_register_it_again(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    stack.declare_new_file()
    stack.declare_failing_resource()
    stack.update()
    del stack.template["Resources"]["Fails"]

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 2
    assert stack.outputs()["TaskId"] == all_tasks(aws)[-1]["taskId"]


def test_a_redeployment_of_a_file_that_failed_registers_it_again(aws: Aws, stack: Stack) -> None:
    stack.create()
    stack.declare_new_file()
    aws.faults(task={"ends": "Failed"})
    stack.update()
    aws.faults()

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 3


def test_an_update_that_cloudformation_gives_up_is_superseded_by_its_rollback(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    stack.declare_new_file()
    stack.declare(ServiceTimeout="60")
    aws.faults(task={"ends": "hangs"}, cancelling_seconds=4)

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert [task["status"] for task in all_tasks(aws)] == ["Completed", "Cancelled"]
    assert len(aws.journal("answer")) == 2


def test_an_update_while_one_runs_stops_it_and_registers_the_newest_file(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    stack.declare_new_file()
    aws.faults(task={"ends": "hangs", "next": 1})
    stack.begin_update()
    until("the first update's task", lambda: all_tasks(aws), lambda tasks: len(tasks) == 2)

    newer = by_hand.supersede(stack)

    assert by_hand.answer_to(newer)["Status"] == "SUCCESS"
    _, older, newest = all_tasks(aws)
    assert (older["status"], newest["status"]) == ("Cancelled", "Completed")
    assert older["lastModifiedDate"] <= newest["creationDate"]
    assert len(aws.journal("answer")) == 1


def test_a_superseded_task_that_does_not_end_fails_the_newer_request_at_its_deadline(
    aws: Aws, stack: Stack
) -> None:
    stack.declare(TimeoutSeconds=35)
    stack.create()
    stack.declare_new_file()
    stack.declare(ServiceTimeout="60")
    aws.faults(task={"ends": "hangs"}, cancelling_seconds=600)

    assert stack.update() == "UPDATE_ROLLBACK_FAILED"
    assert "still runs them" in stack.reasons()[-1]
    until("the end of the task", lambda: all_tasks(aws)[-1]["status"], "Cancelled".__eq__)
