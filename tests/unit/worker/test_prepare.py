"""The Prepare step: what has to run, and what must be there."""

import json
import re
from typing import Any

import pytest

from failures import RegistrationError
from input_object import check_input
from last_task import LastTask
from prepare import has_to_run, prepare
from prerequisites import verify
from request import Request, fingerprint
from tests.unit.worker.stubs import INPUT_KEY, NOW, PROPERTIES, body, described, event, queue_tasks

OTHER = {**PROPERTIES, "InputHash": "other"}


def update(new: dict[str, str], old: dict[str, str]) -> Request:
    return Request.from_event(
        event("Update", ResourceProperties=new, OldResourceProperties=old, PhysicalResourceId="id")
    )


def ran(properties: dict[str, str], *, succeeded: bool) -> LastTask:
    return LastTask("task-0", fingerprint(properties), "Completed", 1, 0, succeeded)


def test_a_create_runs() -> None:
    assert has_to_run(Request.from_event(event("Create")), None, rolling_back=False)


@pytest.mark.parametrize("name", ["TemplateBody", "InputHash", "RoleArn"])
def test_an_update_of_template_input_or_role_runs(name: str) -> None:
    request = update({**PROPERTIES, name: "changed"}, PROPERTIES)

    assert has_to_run(request, ran(PROPERTIES, succeeded=True), rolling_back=False)


@pytest.mark.parametrize("name", ["TimeoutSeconds", "MaxFailures", "EmptyOnDelete"])
def test_an_update_of_something_else_runs_nothing(name: str) -> None:
    request = update({**PROPERTIES, name: "7"}, PROPERTIES)

    assert not has_to_run(request, ran(PROPERTIES, succeeded=True), rolling_back=False)


def test_a_rollback_runs_nothing_although_the_input_differs() -> None:
    request = update(PROPERTIES, OTHER)

    assert not has_to_run(request, ran(OTHER, succeeded=True), rolling_back=True)


def test_what_was_registered_before_a_rollback_is_not_registered_again() -> None:
    request = update(OTHER, PROPERTIES)

    assert not has_to_run(request, ran(OTHER, succeeded=True), rolling_back=False)


def test_what_failed_before_a_rollback_runs_again() -> None:
    request = update(OTHER, PROPERTIES)

    assert has_to_run(request, ran(OTHER, succeeded=False), rolling_back=False)


def test_what_failed_without_a_rollback_runs_again_although_nothing_changed() -> None:
    request = update(OTHER, OTHER)

    assert has_to_run(request, ran(OTHER, succeeded=False), rolling_back=False)


def test_a_record_that_someone_removed_leaves_the_decision_to_the_properties() -> None:
    assert has_to_run(update(OTHER, PROPERTIES), None, rolling_back=False)
    assert not has_to_run(update(PROPERTIES, PROPERTIES), None, rolling_back=False)


def test_the_properties_of_an_older_version_of_the_library_can_be_compared() -> None:
    request = update(PROPERTIES, {"TemplateBody": PROPERTIES["TemplateBody"]})

    assert has_to_run(request, None, rolling_back=False)


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

    with pytest.raises(RegistrationError, match=r"AWS still runs task-0 \(Cancelling\)"):
        prepare(make_step("Prepare", deadline=NOW - 1))


def test_after_an_execution_was_stopped_nothing_begins_before_its_calls_have_ended(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = prepare(make_step("Prepare", unsettled_until=NOW + 5))

    assert outcome.next_step == "Prepare"


def test_the_input_is_copied_inside_s3_to_a_key_of_the_request(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    s3 = aws.stub("s3")
    s3.add_client_error("get_object", "NoSuchKey")
    source = {"Bucket": "assets", "Key": "abc.jsonl"}
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"}, {"Bucket": "fleet"})
    s3.add_response("get_object", {"Body": body('{"Name": "a"}\n')}, source)
    s3.add_response("head_object", {"ContentLength": 10, "ETag": '"e"'}, source)
    copied = {"Bucket": "fleet", "Key": INPUT_KEY, "CopySource": source}
    s3.add_response("copy_object", {}, copied)

    assert prepare(make_step("Prepare")).next_step == "Start"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a line must be a JSON object in UTF-8, got b''"),
        ("\ufeff{}", "a line must be a JSON object in UTF-8"),
        ("[]", "a line must be a JSON object, got b'[]'"),
        (
            '{"Name": "a"}\n{"name": "b"}',
            ":2: Name: a parameter without a Default must",
        ),
        ('{"Name": "' + "x" * 300_000 + '"}', "a line must have at most 256000 bytes, got 300012"),
    ],
)
def test_the_first_lines_of_the_input_are_looked_at_before_anything_starts(
    aws: Any, make_step: Any, content: str, message: str
) -> None:
    s3 = aws.stub("s3")
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
    s3.add_response("get_object", {"Body": body(content)})

    with pytest.raises(RegistrationError, match=re.escape(message)):
        check_input(aws.s3, make_step("Prepare").request.declaration)


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "AccessDenied"])
def test_an_input_that_is_missing_or_forbidden_is_named(
    aws: Any, make_step: Any, code: str
) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_client_error("get_object", code)

    with pytest.raises(RegistrationError, match=f"s3://assets/abc.jsonl must exist .* got {code}"):
        check_input(aws.s3, make_step("Prepare").request.declaration)


def test_a_bucket_that_someone_removed_is_named(aws: Any, make_step: Any) -> None:
    aws.stub("s3").add_client_error("head_bucket", "404", http_status_code=404)

    with pytest.raises(RegistrationError, match="bucket fleet does not exist"):
        check_input(aws.s3, make_step("Prepare").request.declaration)


def test_a_bucket_in_another_region_is_refused(aws: Any, make_step: Any) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "eu-west-1"})

    with pytest.raises(RegistrationError, match=r"in the Region .* us-east-1, got eu-west-1"):
        check_input(aws.s3, make_step("Prepare").request.declaration)


def test_a_rollback_answers_without_a_task(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    stack = {
        "StackName": "stack",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_ROLLBACK_IN_PROGRESS",
    }
    aws.stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})
    aws.stub("s3").add_client_error("get_object", "NoSuchKey")
    step = make_step("Prepare", "Update", event_changes={"OldResourceProperties": OTHER})

    assert prepare(step).next_step == "Answer"


def test_every_missing_prerequisite_is_named_before_anything_starts(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": True}})
    iot.add_client_error("describe_thing_group", "ResourceNotFoundException")
    iot.add_response("get_policy", {})
    names = {"thing_types": ["old"], "thing_groups": ["sensors"], "policies": ["there"]}

    with pytest.raises(RegistrationError) as caught:
        verify(aws.iot, names)

    assert str(caught.value) == (
        "nothing was registered, because the devices need what is not there: "
        "thing type 'old' is deprecated; thing group 'sensors' does not exist"
    )


def test_the_old_properties_decide_nothing_but_the_fingerprint() -> None:
    old = json.loads('{"ServiceToken": "arn"}')

    assert update(PROPERTIES, old).old_fingerprint == fingerprint({})
