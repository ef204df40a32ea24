"""The Prepare step: what has to run, and what must exist."""

from typing import Any

import pytest

from tests.unit.lambda_.stubs import (
    NOW,
    PROPERTIES,
    REQUEST_ID,
    body,
    described,
    event,
    queue_tasks,
)
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.request.request import Request
from thing_registration_worker.state.claim import LastStart
from thing_registration_worker.steps.prepare import has_to_run, prepare

OTHER = {**PROPERTIES, "InputHash": "other"}


def queue_status(aws: Any, status: str) -> None:
    stack = {"StackName": "stack", "CreationTime": NOW, "StackStatus": status}
    aws.stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})


def test_a_create_and_an_update_are_compared_with_what_is_registered() -> None:
    assert has_to_run(Request.from_event(event("Create")), "CREATE_IN_PROGRESS")
    assert has_to_run(Request.from_event(event("Update")), "UPDATE_IN_PROGRESS")


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_rollback_registers_nothing(status: str) -> None:
    assert not has_to_run(Request.from_event(event("Update")), status)


def test_a_running_task_of_an_older_request_is_stopped_and_waited_for(
    aws: Any, make_step: Any
) -> None:
    older = described("task-0", inputFileKey="stack/fleet/input/older.jsonl")
    queue_tasks(aws, InProgress=[older], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-0"})

    outcome = prepare(make_step("Prepare"))

    assert (outcome.next_step, outcome.wait) == ("Prepare", 2)


def test_a_task_of_an_older_request_that_aws_does_not_end_fails_the_newer_by_name(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described("task-0", status="Cancelling")])

    with pytest.raises(RegistrationError, match=r"still runs them: task-0 \(Cancelling\)"):
        prepare(make_step("Prepare", deadline=NOW - 1))


def test_nothing_begins_while_a_task_may_appear_whose_start_was_sent(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    start = LastStart("stack/fleet/input/older.jsonl", NOW)

    assert prepare(make_step("Prepare", last_start=start)).next_step == "Prepare"


@pytest.mark.parametrize(
    "status", ["ROLLBACK_IN_PROGRESS", "DELETE_COMPLETE", "UPDATE_COMPLETE", "CREATE_FAILED"]
)
def test_a_create_that_comes_too_late_registers_nothing(status: str) -> None:
    with pytest.raises(RegistrationError, match=f"the stack is {status} and does not wait"):
        has_to_run(Request.from_event(event("Create")), status)


def test_the_input_is_copied_inside_s3_to_where_only_this_request_reads_it(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    s3 = aws.stub("s3")
    source = {"Bucket": "assets", "Key": "abc.jsonl"}
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"}, {"Bucket": "fleet"})
    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n')}, source)
    s3.add_response("head_object", {"ContentLength": 10, "ETag": '"e"'}, source)
    copied = {
        "Bucket": "fleet",
        "Key": f"stack/fleet/work/{REQUEST_ID}/file.jsonl",
        "CopySource": source,
    }
    s3.add_response("copy_object", {}, copied)

    assert prepare(make_step("Prepare")).next_step == "Recover"


def test_a_rollback_answers_without_a_task(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "UPDATE_ROLLBACK_IN_PROGRESS")
    step = make_step("Prepare", "Update", event_changes={"OldResourceProperties": OTHER})

    assert prepare(step).next_step == "Answer"
