"""The Prepare step: nothing older runs, everything moved, and rights that come late."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from claim import LastStart
from errors import ConstraintError, RegistrationError
from request import Request
from steps.prepare import has_to_run, prepare
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, body, described, event, queue_tasks
from timing import DENIED_BUDGET

MOVED = {"OldResourceProperties": {**PROPERTIES, "Bucket": "before", "EmptyOnDelete": "false"}}


def queue_status(aws: Any, status: str) -> None:
    stack = {"StackName": "stack", "CreationTime": NOW, "StackStatus": status}
    aws.stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})


def queue_denied(aws: Any, code: str = "AccessDenied", status: int = 403) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    aws.stub("s3").add_client_error("get_object", code, http_status_code=status)


@pytest.mark.parametrize(
    "status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS"]
)
def test_a_creation_runs_while_the_stack_waits_for_it(status: str) -> None:
    assert has_to_run(Request.from_event(event()), None, status)


def test_an_older_task_is_waited_for_until_the_deadline(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described("task-0", status="Cancelling")])

    outcome = prepare(make_step("Prepare", deadline=NOW))

    assert (outcome.next_step, outcome.wait) == ("Prepare", 2)


def test_an_older_task_that_no_list_shows_yet_is_stopped_by_its_id(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot").add_response("describe_thing_registration_task", described("task-0"))
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-0"})
    start = LastStart("stack/fleet/input/older.jsonl", NOW, "task-0")

    assert prepare(make_step("Prepare", last_start=start)).next_step == "Prepare"


def test_a_task_in_the_bucket_of_before_an_update_is_stopped_too(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_tasks(aws, InProgress=[described("task-0", inputFileBucket="before")], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-0"})

    outcome = prepare(make_step("Prepare", "Update", event_changes=MOVED))

    assert outcome.next_step == "Prepare"


def test_nothing_is_moved_while_a_task_runs_in_the_new_bucket(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = prepare(make_step("Prepare", "Update", event_changes=MOVED))

    assert outcome.next_step == "Prepare"


def test_the_lines_are_not_counted_again_where_the_stack_has_counted_them(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    s3 = aws.stub("s3")
    s3.add_client_error("get_object", "NoSuchKey")
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n')})
    s3.add_response("head_object", {"ContentLength": 10, "ETag": '"e"'})
    s3.add_response("copy_object", {})
    properties = {"ResourceProperties": {**PROPERTIES, "Lines": "7"}}

    outcome = prepare(make_step("Prepare", event_changes=properties, denied_since=NOW - 5))

    assert (outcome.next_step, outcome.progress.lines) == ("Start", 7)
    assert outcome.progress.denied_since == 0


def test_a_template_that_aws_refuses_is_refused_before_the_input_is_read(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    aws.stub("s3").add_client_error("get_object", "NoSuchKey")
    properties = {"ResourceProperties": {**PROPERTIES, "TemplateBody": "x" * 10_241}}

    with pytest.raises(ConstraintError):
        prepare(make_step("Prepare", event_changes=properties))


def test_a_denial_is_tried_again_for_its_budget_and_not_after_the_deadline(
    aws: Any, make_step: Any
) -> None:
    queue_denied(aws)
    since = NOW - DENIED_BUDGET
    outcome = prepare(make_step("Prepare", denied_since=since, deadline=NOW))
    assert (outcome.next_step, outcome.wait) == ("Prepare", 5)
    assert outcome.progress.denied_since == since

    for progress in ({"denied_since": since - 1}, {"deadline": NOW - 1}):
        queue_denied(aws)
        with pytest.raises(RegistrationError, match="access was denied for"):
            prepare(make_step("Prepare", **progress))


def test_another_error_is_no_denial(aws: Any, make_step: Any) -> None:
    queue_denied(aws, "SlowDown", 503)

    with pytest.raises(ClientError, match="SlowDown"):
        prepare(make_step("Prepare"))


def test_an_input_key_is_that_of_the_request(make_step: Any) -> None:
    assert make_step("Prepare").request.task_input_key == INPUT_KEY
