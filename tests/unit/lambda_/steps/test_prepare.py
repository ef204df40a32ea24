"""The Prepare step: what has to run, and what must exist."""

from typing import Any

import pytest

from claim import LastStart
from errors import RegistrationError
from last_task import LastTask
from request import Request, fingerprint
from steps.prepare import has_to_run, prepare
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, body, described, event, queue_tasks
from timing import DENIED_BUDGET

UPDATING = "UPDATE_IN_PROGRESS"
OTHER = {**PROPERTIES, "InputHash": "other"}


def update(new: dict[str, str], old: dict[str, str]) -> Request:
    return Request.from_event(
        event("Update", ResourceProperties=new, OldResourceProperties=old, PhysicalResourceId="id")
    )


def ran(properties: dict[str, str], *, succeeded: bool) -> LastTask:
    return LastTask("task-0", fingerprint(properties), "Completed", 1, 0, succeeded)


def queue_status(aws: Any, status: str) -> None:
    stack = {"StackName": "stack", "CreationTime": NOW, "StackStatus": status}
    aws.stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})


def test_a_create_runs() -> None:
    assert has_to_run(Request.from_event(event("Create")), None, "CREATE_IN_PROGRESS")


@pytest.mark.parametrize("name", ["TemplateBody", "InputHash", "RoleArn"])
def test_an_update_of_template_input_or_role_runs(name: str) -> None:
    request = update({**PROPERTIES, name: "changed"}, PROPERTIES)

    assert has_to_run(request, ran(PROPERTIES, succeeded=True), UPDATING)


@pytest.mark.parametrize("name", ["TimeoutSeconds", "MaxFailures", "EmptyOnDelete"])
def test_an_update_of_something_else_runs_nothing(name: str) -> None:
    request = update({**PROPERTIES, name: "7"}, PROPERTIES)

    assert not has_to_run(request, ran(PROPERTIES, succeeded=True), UPDATING)


def test_a_rollback_runs_nothing_although_the_input_differs() -> None:
    request = update(PROPERTIES, OTHER)

    assert not has_to_run(request, ran(OTHER, succeeded=True), "UPDATE_ROLLBACK_IN_PROGRESS")


def test_what_was_registered_before_a_rollback_is_not_registered_again() -> None:
    request = update(OTHER, PROPERTIES)

    assert not has_to_run(request, ran(OTHER, succeeded=True), UPDATING)


def test_what_failed_before_a_rollback_runs_again() -> None:
    request = update(OTHER, PROPERTIES)

    assert has_to_run(request, ran(OTHER, succeeded=False), UPDATING)


def test_what_failed_without_a_rollback_runs_again_although_nothing_changed() -> None:
    request = update(OTHER, OTHER)

    assert has_to_run(request, ran(OTHER, succeeded=False), UPDATING)


def test_a_record_that_someone_removed_leaves_the_decision_to_the_properties() -> None:
    assert has_to_run(update(OTHER, PROPERTIES), None, UPDATING)
    assert not has_to_run(update(PROPERTIES, PROPERTIES), None, UPDATING)


def test_the_properties_of_an_older_version_of_the_library_can_be_compared() -> None:
    request = update(PROPERTIES, {"TemplateBody": PROPERTIES["TemplateBody"]})

    assert has_to_run(request, None, UPDATING)


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
        has_to_run(Request.from_event(event("Create")), None, status)


def test_the_input_is_copied_inside_s3_to_a_key_of_the_request(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    s3 = aws.stub("s3")
    s3.add_client_error("get_object", "NoSuchKey")
    source = {"Bucket": "assets", "Key": "abc.jsonl"}
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"}, {"Bucket": "fleet"})
    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n')}, source)
    s3.add_response("head_object", {"ContentLength": 10, "ETag": '"e"'}, source)
    copied = {"Bucket": "fleet", "Key": INPUT_KEY, "CopySource": source}
    s3.add_response("copy_object", {}, copied)

    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n\n{"Name": "b"}')}, source)

    outcome = prepare(make_step("Prepare", denied_since=NOW - 5))

    assert (outcome.next_step, outcome.progress.lines) == ("Start", 2)


def test_a_denial_is_believed_after_a_while_and_names_the_kms_key(aws: Any, make_step: Any) -> None:
    for since, denied in ((0.0, False), (NOW - DENIED_BUDGET - 1, True)):
        queue_tasks(aws, InProgress=[], Cancelling=[])
        queue_status(aws, "CREATE_IN_PROGRESS")
        s3 = aws.stub("s3")
        s3.add_client_error("get_object", "NoSuchKey")
        s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
        s3.add_client_error("get_object", "AccessDenied", http_status_code=403)
        if denied:
            with pytest.raises(RegistrationError, match=r"access was denied .* KMS key"):
                prepare(make_step("Prepare", denied_since=since))
        else:
            outcome = prepare(make_step("Prepare"))
            assert (outcome.next_step, outcome.progress.denied_since) == ("Prepare", NOW)


def test_a_rollback_answers_without_a_task(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "UPDATE_ROLLBACK_IN_PROGRESS")
    aws.stub("s3").add_client_error("get_object", "NoSuchKey")
    step = make_step("Prepare", "Update", event_changes={"OldResourceProperties": OTHER})

    assert prepare(step).next_step == "Answer"


def test_every_missing_prerequisite_is_named_before_anything_starts(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, "CREATE_IN_PROGRESS")
    s3 = aws.stub("s3")
    s3.add_client_error("get_object", "NoSuchKey")
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n')})
    aws.stub("iot").add_client_error("describe_thing_group", "ResourceNotFoundException")
    names = {**PROPERTIES, "Prerequisites": '{"thing_groups": ["sensors"]}'}

    with pytest.raises(RegistrationError) as caught:
        prepare(make_step("Prepare", event_changes={"ResourceProperties": names}))

    assert str(caught.value) == (
        "nothing was registered: the devices refer to what is missing: "
        "thing group 'sensors' does not exist"
    )
