"""The Start step when AWS refuses: what is a taken slot, and what is believed after how long."""

from typing import Any

import pytest

from tests.unit.lambda_.stubs import (
    INPUT_KEY,
    NOW,
    ROLE_ARN,
    described,
    queue_described,
    queue_tasks,
)
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.state.claim import LastStart, held
from thing_registration_worker.steps.start import start
from thing_registration_worker.timing import (
    INVALID_REQUEST_BUDGET,
    ROLE_BUDGET,
    SLOT_FREED_BUDGET,
    START_BUDGET,
)

FOREIGN = described("task-9", inputFileBucket="another-bucket", percentageProgress=40)
LONG_AGO = NOW - 1_000


def refuse(aws: Any, code: str, message: str = "no", status: int = 400) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot_once").add_client_error("start_thing_registration_task", code, message, status)


def starts_again(aws: Any, make_step: Any, budget: int, *answer: Any, listed: bool) -> None:
    """Check that this refusal is tried again until its budget is over, and then believed."""
    for elapsed in (budget, budget + 1):
        refuse(aws, *answer)
        if listed:
            queue_tasks(aws, InProgress=[], Cancelling=[])
        step = make_step("Start", failing_since=NOW - elapsed)
        if elapsed == budget:
            assert start(step).next_step == "Start"
        else:
            with pytest.raises(RegistrationError, match=f"within {elapsed} seconds"):
                start(step)


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "InvalidRequestException", "ResourceConflictException"]
)
def test_a_refusal_while_another_task_runs_is_waited_out_however_long_it_lasted(
    aws: Any, make_step: Any, code: str
) -> None:
    refuse(aws, code)
    queue_tasks(aws, InProgress=[FOREIGN], Cancelling=[])

    outcome = start(make_step("Start", failing_since=LONG_AGO, waiting_since=NOW - 1))

    assert (outcome.next_step, outcome.wait) == ("LookUp", 2)
    assert (outcome.progress.slot_taken_at, outcome.progress.failing_since) == (NOW, 0)


def test_a_refusal_that_is_not_about_the_request_is_a_slot_that_no_list_shows(
    aws: Any, make_step: Any
) -> None:
    refuse(aws, "LimitExceededException")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = start(make_step("Start", failing_since=LONG_AGO))

    assert (outcome.next_step, outcome.progress.slot_taken_at) == ("LookUp", NOW)


@pytest.fixture
def late_start(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass while AWS decides about a start."""
    aws.iot_once.meta.events.register(
        "provide-client-params.iot.StartThingRegistrationTask",
        lambda **_: monkeypatch.setattr("time.time", lambda: NOW + 1),
    )


@pytest.mark.usefixtures("late_start")
def test_a_slot_that_no_list_shows_fails_at_the_deadline_saying_so(
    aws: Any, make_step: Any
) -> None:
    refuse(aws, "LimitExceededException")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    with pytest.raises(RegistrationError, match="taken by a task that AWS does not list"):
        start(make_step("Start", deadline=NOW))


@pytest.mark.parametrize("code", ["ThrottlingException", "Throttling", "TooManyRequestsException"])
def test_throttling_is_believed_after_its_budget(aws: Any, make_step: Any, code: str) -> None:
    starts_again(aws, make_step, START_BUDGET, code, listed=False)


@pytest.mark.parametrize("code", ["UnauthorizedException", "AccessDeniedException", "AccessDenied"])
def test_a_missing_right_is_believed_after_its_budget(aws: Any, make_step: Any, code: str) -> None:
    starts_again(aws, make_step, ROLE_BUDGET, code, listed=False)


@pytest.mark.parametrize(("code", "status"), [("InternalFailureException", 400), ("Odd", 500)])
def test_a_start_that_may_have_reached_aws_is_believed_to_fail_after_its_budget(
    aws: Any, make_step: Any, code: str, status: int
) -> None:
    starts_again(aws, make_step, START_BUDGET, code, "no", status, listed=False)


@pytest.mark.parametrize("word", ["Role", "cannot be assumed", "trust"])
def test_words_about_the_role_are_believed_after_its_budget_with_advice(
    aws: Any, make_step: Any, word: str
) -> None:
    starts_again(aws, make_step, ROLE_BUDGET, "InvalidRequestException", word, listed=True)
    refuse(aws, "InvalidRequestException", word)
    queue_tasks(aws, InProgress=[], Cancelling=[])

    with pytest.raises(RegistrationError, match=f"{ROLE_ARN} must trust iot.amazonaws.com"):
        start(make_step("Start", failing_since=LONG_AGO))


def test_words_about_the_template_are_believed_soonest(aws: Any, make_step: Any) -> None:
    starts_again(
        aws, make_step, INVALID_REQUEST_BUDGET, "InvalidRequestException", "TEMPLATE", listed=True
    )


def test_a_slot_was_freed_just_now_for_its_budget(aws: Any, make_step: Any) -> None:
    for slot_taken_at, tried_again in (
        (NOW - SLOT_FREED_BUDGET + 1, True),
        (NOW - SLOT_FREED_BUDGET, False),
    ):
        refuse(aws, "InvalidRequestException", "template")
        queue_tasks(aws, InProgress=[], Cancelling=[])
        failing_since = NOW - INVALID_REQUEST_BUDGET - 1
        step = make_step("Start", failing_since=failing_since, slot_taken_at=slot_taken_at)
        if tried_again:
            assert start(step).next_step == "Start"
        else:
            with pytest.raises(RegistrationError):
                start(step)


@pytest.mark.usefixtures("late_start")
def test_a_refused_start_is_not_tried_again_after_the_deadline(aws: Any, make_step: Any) -> None:
    refuse(aws, "ThrottlingException")

    with pytest.raises(RegistrationError, match="within 0 seconds"):
        start(make_step("Start", deadline=NOW))


def test_the_wait_for_the_slot_counts_from_the_first_look(aws: Any, make_step: Any) -> None:
    for waiting_since, expected in ((0, NOW), (NOW - 100, NOW - 100)):
        queue_tasks(aws, InProgress=[FOREIGN], Cancelling=[])

        outcome = start(make_step("Start", waiting_since=waiting_since))

        assert outcome.progress.waiting_since == expected


def test_a_start_of_an_older_request_is_not_adopted(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot_once").add_response("start_thing_registration_task", {"taskId": "task-1"})
    queue_described(aws)
    step = make_step("Start", last_start=LastStart("stack/fleet/input/older.jsonl", NOW, "task-0"))

    outcome = start(step)

    assert (outcome.progress.task_id, outcome.wait) == ("task-1", 2)
    assert held(step).last_start == LastStart(INPUT_KEY, NOW, "task-1")


def test_a_task_without_a_creation_date_began_now(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot_once").add_response("start_thing_registration_task", {"taskId": "task-1"})
    aws.stub("iot").add_response("describe_thing_registration_task", {})

    assert start(make_step("Start")).progress.started_at == NOW
