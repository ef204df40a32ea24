"""The Start step: at most one task for each request."""

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import (
    INPUT_KEY,
    NOW,
    PROPERTIES,
    ROLE_ARN,
    TEMPLATE_BODY,
    described,
    queue_described,
    queue_tasks,
)
from thing_registration_worker.errors import ConstraintError, RegistrationError, Superseded
from thing_registration_worker.state.claim import Claim, LastStart, held
from thing_registration_worker.steps.start import start
from thing_registration_worker.tasks.own_tasks import template_body
from thing_registration_worker.timing import (
    INVALID_REQUEST_BUDGET,
    LOST_START_BUDGET,
    ROLE_BUDGET,
    SLOT_FREED_BUDGET,
    START_BUDGET,
)

LONG = json.dumps({"Parameters": {"x" * 10_240: {"Type": "String"}}, "Resources": {}})
FOREIGN = described("task-9", inputFileBucket="another-bucket", percentageProgress=40)
CALL = {
    "templateBody": template_body(TEMPLATE_BODY, "new"),
    "inputFileBucket": "fleet",
    "inputFileKey": INPUT_KEY,
    "roleArn": ROLE_ARN,
}


def refuse(aws: Any, code: str, message: str = "no", status: int = 400) -> None:
    aws.stub("iot_once").add_client_error(
        "start_thing_registration_task", code, message, status, expected_params=CALL
    )


def test_a_free_slot_starts_the_task_with_the_four_members(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot_once").add_response("start_thing_registration_task", {"taskId": "task-1"}, CALL)
    aws.stub("iot").add_response("describe_thing_registration_task", described())
    step = make_step("Start")

    outcome = start(step)

    assert outcome.next_step == "Observe"
    assert outcome.progress.task_id == "task-1"
    assert outcome.progress.started_at == NOW - 60
    assert held(step).last_start == LastStart(INPUT_KEY, NOW, "task-1")


def test_a_task_whose_answer_came_before_the_worker_died_is_adopted_by_its_id(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws)
    queue_described(aws)

    outcome = start(make_step("Start", last_start=LastStart(INPUT_KEY, NOW, "task-1")))

    assert (outcome.next_step, outcome.progress.task_id) == ("Observe", "task-1")


def test_a_task_whose_answer_was_lost_is_adopted_even_if_it_has_ended(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[], Completed=[described(status="Completed")])
    queue_described(aws, status="Completed")
    step = make_step("Start", last_start=LastStart(INPUT_KEY, NOW - 5))

    outcome = start(step)

    assert (outcome.next_step, outcome.progress.task_id) == ("Observe", "task-1")
    assert held(step).last_start == LastStart(INPUT_KEY, NOW - 5, "task-1")


def test_a_request_that_has_lost_its_claim_starts_nothing(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Start")
    claims.put(step.request.declaration, Claim("newer", NOW + 1))

    with pytest.raises(Superseded):
        start(step)


def test_a_request_that_loses_its_claim_while_it_looks_at_the_slot_starts_nothing(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    step = make_step("Start")
    newer = Claim("newer", NOW + 1)
    claims.on_write = lambda: claims.put(step.request.declaration, newer)

    with pytest.raises(Superseded):
        start(step)


def test_a_task_that_a_newer_request_cannot_know_is_stopped_by_the_one_that_started_it(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    step = make_step("Start")

    def answer(**_: Any) -> None:
        claims.put(step.request.declaration, Claim("newer", NOW + 1))

    aws.stub("iot_once").add_response("start_thing_registration_task", {"taskId": "task-1"}, CALL)
    aws.iot_once.meta.events.register("after-call.iot.StartThingRegistrationTask", answer)
    queue_described(aws)
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})

    with pytest.raises(Superseded):
        start(step)


def test_nothing_is_started_after_the_deadline(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])

    with pytest.raises(RegistrationError, match=r"nothing was registered: the time .* was over"):
        start(make_step("Start", deadline=NOW - 1))


def test_a_foreign_task_is_waited_for_and_named_but_not_stopped(
    aws: Any, make_step: Any, capsys: Any
) -> None:
    queue_tasks(aws, InProgress=[FOREIGN], Cancelling=[])

    outcome = start(make_step("Start"))

    assert (outcome.next_step, outcome.wait) == ("LookUp", 2)
    assert "task-9 (InProgress, 40 %" in capsys.readouterr().out


def test_a_slot_that_stays_taken_until_the_deadline_fails_naming_the_task(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[FOREIGN], Cancelling=[])

    with pytest.raises(RegistrationError, match=r"after 30 minutes .* taken by task task-9"):
        start(make_step("Start", deadline=NOW - 1, waiting_since=NOW - 1800))


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "InvalidRequestException", "ResourceConflictException"]
)
def test_any_refusal_while_another_task_runs_means_a_taken_slot(
    aws: Any, make_step: Any, code: str
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, code)
    queue_tasks(aws, InProgress=[FOREIGN], Cancelling=[])

    step = make_step("Start")

    assert start(step).next_step == "LookUp"
    assert held(step).last_start is None


def test_throttling_is_tried_again_with_jitter(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, "ThrottlingException")

    step = make_step("Start", failing_since=NOW - 10)

    outcome = start(step)

    assert outcome.next_step == "Start"
    assert 1 <= outcome.wait <= 10
    assert held(step).last_start is None


@pytest.mark.parametrize(
    ("code", "status"), [("InternalFailureException", 400), ("Unknown", 500), ("Unknown", 503)]
)
def test_a_start_that_may_have_reached_aws_stays_recorded(
    aws: Any, make_step: Any, code: str, status: int
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, code, status=status)
    step = make_step("Start")

    assert start(step).next_step == "Start"
    assert held(step).last_start == LastStart(INPUT_KEY, NOW)


def test_a_start_without_an_answer_stays_recorded(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    step = make_step("Start")

    def lose(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="iot")

    aws.stub("iot_once").add_response("start_thing_registration_task", {"taskId": "task-1"}, CALL)
    aws.iot_once.meta.events.register("after-call.iot.StartThingRegistrationTask", lose)

    assert start(step).next_step == "Start"
    assert held(step).last_start == LastStart(INPUT_KEY, NOW)


@pytest.mark.parametrize(
    ("code", "budget"),
    [
        ("ThrottlingException", START_BUDGET),
        ("InternalFailureException", START_BUDGET),
        ("UnauthorizedException", ROLE_BUDGET),
    ],
)
def test_a_refusal_that_lasts_longer_than_its_budget_fails_with_awss_message(
    aws: Any, make_step: Any, code: str, budget: int
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, code, "the message of AWS")

    with pytest.raises(RegistrationError, match=f"{code}: the message of AWS"):
        start(make_step("Start", failing_since=NOW - budget - 1))


def test_an_unauthorized_start_says_which_right_is_missing(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, "UnauthorizedException")

    with pytest.raises(RegistrationError, match=f"iam:PassRole on {ROLE_ARN}"):
        start(make_step("Start", failing_since=NOW - ROLE_BUDGET - 1))


def test_an_invalid_request_is_made_again_because_the_slot_may_have_been_taken(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, "InvalidRequestException", "Invalid registration template.")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = start(make_step("Start"))

    assert (outcome.next_step, outcome.progress.failing_since) == ("Start", NOW)


def test_an_invalid_request_that_stays_one_fails_with_awss_message(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, "InvalidRequestException", "Invalid registration template.")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    with pytest.raises(RegistrationError, match=r"Invalid registration template.*deploy again"):
        start(make_step("Start", failing_since=NOW - INVALID_REQUEST_BUDGET - 1))


def test_a_role_that_is_not_known_yet_is_tried_again(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    refuse(aws, "InvalidRequestException", "The role cannot be assumed")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    assert start(make_step("Start")).next_step == "Start"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TemplateBody", LONG, "templateBody must be at most 10240 characters, got 1"),
        ("Bucket", "a b", "inputFileBucket must be"),
        ("Bucket", "ab", "inputFileBucket must be"),
        ("KeyPrefix", "a b/", "inputFileKey must be"),
        ("KeyPrefix", "a=b/", "inputFileKey must be"),
        ("KeyPrefix", "x" * 1_000, "inputFileKey must be"),
        ("RoleArn", "arn:aws:iam::0:role", "roleArn must be 20 to 2048 characters, got 19"),
        ("RoleArn", "x" * 2_049, "roleArn must be 20 to 2048 characters, got 2049"),
    ],
)
def test_a_member_outside_the_service_models_limits_never_reaches_aws(
    aws: Any, make_step: Any, name: str, value: str, message: str
) -> None:
    step = make_step("Start", event_changes={"ResourceProperties": {**PROPERTIES, name: value}})

    with pytest.raises(ConstraintError, match=message):
        start(step)


def test_a_lost_start_is_looked_for_longer_than_the_list_may_lag_before_another(
    aws: Any, make_step: Any
) -> None:
    nothing: dict[str, list[Any]] = {"InProgress": [], "Cancelling": []}
    ended: dict[str, list[Any]] = {"Completed": [], "Failed": [], "Cancelled": []}
    queue_tasks(aws, **nothing, **ended)
    sent_at = NOW - LOST_START_BUDGET
    waiting = start(make_step("Start", last_start=LastStart(INPUT_KEY, sent_at + 1)))
    queue_tasks(aws, **nothing, **ended)
    queue_tasks(aws, **nothing)
    refuse(aws, "ThrottlingException")

    again = start(make_step("Start", last_start=LastStart(INPUT_KEY, sent_at)))

    assert (waiting.next_step, waiting.wait) == ("Start", 5)
    assert again.progress.failing_since == NOW


@pytest.mark.parametrize(
    ("message", "slot_taken_at", "budget"),
    [
        ("Invalid registration template.", 0, INVALID_REQUEST_BUDGET),
        ("No.", 0, ROLE_BUDGET),
        ("Invalid registration template.", NOW - 30, SLOT_FREED_BUDGET),
    ],
)
def test_an_invalid_request_is_believed_sooner_the_more_its_words_say(
    aws: Any, make_step: Any, message: str, slot_taken_at: float, budget: int
) -> None:
    for elapsed in (budget - 1, budget + 1):
        queue_tasks(aws, InProgress=[], Cancelling=[])
        refuse(aws, "InvalidRequestException", message)
        queue_tasks(aws, InProgress=[], Cancelling=[])
        step = make_step("Start", failing_since=NOW - elapsed, slot_taken_at=slot_taken_at)
        if elapsed < budget:
            assert start(step).next_step == "Start"
        else:
            with pytest.raises(RegistrationError, match="did not start the task"):
                start(step)


def test_a_task_that_is_described_without_its_optional_members_is_waited_for(
    aws: Any, make_step: Any
) -> None:
    iot = aws.stub("iot")
    iot.add_response("list_thing_registration_tasks", {"taskIds": ["task-9"]})
    iot.add_response("describe_thing_registration_task", {})
    iot.add_response("list_thing_registration_tasks", {"taskIds": []})

    outcome = start(make_step("Start"))

    assert (outcome.next_step, outcome.progress.slot_taken_at) == ("LookUp", NOW)
