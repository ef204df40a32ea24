"""Updates that change where inputs and reports lie."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

ELSEWHERE = "Elsewhere/Task/"


def keys(aws: Aws, bucket: str) -> set[str]:
    """The keys of every object in the bucket."""
    listed = aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return {item["Key"] for item in listed}


def move(stack: Stack) -> None:
    """Change the prefix everywhere in the template."""
    stack.replace(stack.property("KeyPrefix"), ELSEWHERE)


def test_reports_and_record_move_with_the_prefix_and_nothing_is_registered_again(
    aws: Aws, stack: Stack
) -> None:
    denied = {"service": "s3", "api": "CopyObject", "code": "AccessDenied", "status": 403}
    stack.create()
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    outputs = stack.outputs()
    aws.faults(calls=[{**denied, "next": 1}])
    move(stack)

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert stack.outputs()["TaskId"] == outputs["TaskId"]
    kept = [key for key in keys(aws, bucket) if key.endswith("/RESULTS-0.jsonl")]
    assert [key.startswith(f"{ELSEWHERE}runs/") for key in kept] == [True]
    assert all(key.startswith(ELSEWHERE) for key in keys(aws, bucket))


def test_a_task_under_the_prefix_of_an_update_that_is_given_up_is_stopped_by_its_rollback(
    aws: Aws, stack: Stack
) -> None:
    stack.create()
    stack.declare_new_file()
    stack.declare(ServiceTimeout="120")
    move(stack)
    aws.faults(task={"ends": "hangs"}, list_lag_seconds=60)

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert len(starts(aws)) == 2
    assert [task["status"] for task in all_tasks(aws)] == ["Completed", "Cancelled"]


def test_a_rollback_brings_back_what_the_update_has_moved(aws: Aws, stack: Stack) -> None:
    stack.create()
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    before = {key for key in keys(aws, bucket) if "/runs/" in key}
    stack.declare_new_file()
    move(stack)
    aws.faults(lines=[{"line": 1}])

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert before <= keys(aws, bucket)
    assert not [key for key in keys(aws, bucket) if key.startswith(ELSEWHERE)]
