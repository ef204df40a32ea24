"""How a task ends decides the deployment, and the reason says what AWS said."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import all_tasks
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_task_that_fails_fails_the_deployment_with_its_message(aws: Aws, stack: Stack) -> None:
    aws.faults(task={"ends": "Failed", "message": "the disk is on fire", "after_lines": 1})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "ended Failed (the disk is on fire); 1 things registered, 0 failed" in stack.reason()


def test_a_completed_task_with_more_failures_than_may_be_fails_naming_them(
    aws: Aws, stack: Stack
) -> None:
    stack.declare(MaxFailures="1")
    aws.faults(lines=[{"line": 1, "message": "no such type"}, {"line": 3, "message": "too big"}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "ended Completed; 1 things registered, 2 failed, 1 may fail" in stack.reason()
    assert "line 1, thing Fleet-Task-0: no such type" in stack.reason()
    assert "line 3, thing Fleet-Task-2: too big" in stack.reason()


@pytest.mark.parametrize("max_failures", ["1", "34%"])
def test_a_completed_task_with_as_many_failures_as_may_be_succeeds(
    aws: Aws, stack: Stack, max_failures: str
) -> None:
    stack.declare(MaxFailures=max_failures)
    aws.faults(lines=[{"line": 2}])

    assert stack.create() == "CREATE_COMPLETE"
    assert (stack.outputs()["TaskSucceeded"], stack.outputs()["TaskFailed"]) == ("2", "1")


def test_a_task_that_a_person_cancels_fails_the_deployment(aws: Aws, stack: Stack) -> None:
    aws.faults(task={"ends": "Cancelled", "after_lines": 1})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "ended Cancelled; 1 things registered, 0 failed" in stack.reason()


def test_a_task_that_hangs_is_stopped_at_the_deadline_and_its_reports_are_kept(
    aws: Aws, stack: Stack
) -> None:
    stack.retain()
    stack.declare(TimeoutSeconds=18)
    aws.faults(task={"ends": "hangs", "after_lines": 2})

    assert stack.create() == "ROLLBACK_COMPLETE"
    (task,) = all_tasks(aws)
    assert task["status"] == "Cancelled"
    assert f"task {task['taskId']} was stopped at its timeout of 0.3 minutes" in stack.reason()
    assert "2 things registered, 0 failed" in stack.reason()
    uri = stack.reason().partition("reports: s3://")[2].partition(" ")[0]
    bucket, _, prefix = uri.partition("/")
    kept = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    assert sorted(item["Key"] for item in kept) == [
        f"{prefix}{task['taskId']}/RESULTS-0.jsonl",
        f"{prefix}summary.json",
    ]


def test_a_task_that_hangs_and_is_long_in_cancelling_is_waited_for(aws: Aws, stack: Stack) -> None:
    stack.declare(TimeoutSeconds=40)
    aws.faults(task={"ends": "hangs"}, cancelling_seconds=6)

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "was stopped at its timeout" in stack.reason()


@pytest.mark.parametrize("character", ["x", "ü", "録", "🔥", '"', "\\", "\n", "\ud83d"])
def test_messages_of_any_length_and_alphabet_are_cut_to_what_cloudformation_takes(
    aws: Aws, stack: Stack, character: str
) -> None:
    stack.declare_new_file(count=6)
    aws.faults(lines=[{"pattern": "", "message": character * 20_000}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "0 things registered, 6 failed" in stack.reason()
    assert "�" not in stack.reason()


def test_a_huge_message_of_a_failed_task_is_cut(aws: Aws, stack: Stack) -> None:
    aws.faults(task={"ends": "Failed", "message": "大火事だ。" * 2_000})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "ended Failed (大火事だ。" in stack.reason()
