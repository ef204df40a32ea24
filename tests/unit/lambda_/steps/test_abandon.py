"""The Abandon step: a failure leaves nothing of ours running."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, described, queue_described, queue_tasks
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.state.claim import Claim, LastStart
from thing_registration_worker.steps.abandon import abandon
from thing_registration_worker.timing import CANCEL_BUDGET, LOST_START_BUDGET

SENT = LastStart(INPUT_KEY, NOW)
KNOWN = LastStart(INPUT_KEY, NOW, "task-1")


def test_an_abandoned_task_is_stopped_then_its_reports_are_kept(aws: Any, make_step: Any) -> None:
    queue_described(aws)
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})
    first = abandon(make_step("Abandon", failure="why", last_start=KNOWN))
    queue_described(aws, status="Cancelled")

    second = abandon(make_step("Abandon", failure="why", task_id="task-1", last_start=KNOWN))

    assert (first.next_step, first.progress.task_id) == ("Abandon", "task-1")
    assert second.next_step == "Finish"


def test_a_start_whose_answer_was_lost_is_looked_for_until_it_cannot_appear_any_more(
    aws: Any, make_step: Any
) -> None:
    for sent_at, expected in ((NOW, "Abandon"), (NOW - LOST_START_BUDGET, "Answer")):
        queue_tasks(aws, InProgress=[], Cancelling=[])
        start = LastStart(INPUT_KEY, sent_at)

        assert abandon(make_step("Abandon", last_start=start)).next_step == expected


def test_a_task_whose_start_was_lost_is_stopped_when_it_appears(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[described()], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})

    outcome = abandon(make_step("Abandon", last_start=SENT))

    assert (outcome.next_step, outcome.progress.task_id) == ("Abandon", "task-1")


def test_a_request_that_sent_no_start_is_answered_at_once(make_step: Any) -> None:
    older = LastStart("stack/fleet/input/older.jsonl", NOW)

    assert abandon(make_step("Abandon", last_start=older)).next_step == "Answer"


def test_a_superseded_request_leaves_its_task_to_the_newer_one(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Abandon", failure="why", last_start=KNOWN)
    claims.put(step.request.declaration, Claim("newer", NOW + 1, last_start=KNOWN))

    assert abandon(step).next_step == "Answer"


def test_a_task_is_stopped_although_s3_does_not_answer(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="s3")

    step = make_step("Abandon", last_start=KNOWN)
    monkeypatch.setattr("thing_registration_worker.aws.s3.read_with_etag", refuse)
    queue_tasks(aws, InProgress=[described()], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})

    assert abandon(step).progress.task_id == "task-1"


def test_a_task_that_cannot_be_stopped_is_named_in_the_answer(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Cancelling")
    since = NOW - CANCEL_BUDGET - 1

    with pytest.raises(RegistrationError, match=r"why; .* still runs them: task-1"):
        abandon(make_step("Abandon", failure="why", abandoned_at=since, last_start=KNOWN))


def test_a_task_that_is_being_cancelled_is_waited_for_until_its_budget_is_over(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Cancelling")

    outcome = abandon(make_step("Abandon", abandoned_at=NOW - CANCEL_BUDGET, last_start=KNOWN))

    assert (outcome.next_step, outcome.wait) == ("Abandon", 2)
    assert outcome.progress.abandoned_at == NOW - CANCEL_BUDGET


def test_a_task_is_given_up_from_the_first_call_on(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Cancelling")

    assert abandon(make_step("Abandon", last_start=KNOWN)).progress.abandoned_at == NOW


def test_a_task_that_has_ended_is_not_stopped_and_its_reports_are_kept(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Completed")

    outcome = abandon(make_step("Abandon", task_id="task-1", last_start=KNOWN))

    assert outcome.next_step == "Finish"


def test_a_task_of_another_request_is_not_stopped(aws: Any, make_step: Any) -> None:
    other = described("task-0", inputFileKey="stack/fleet/input/older.jsonl")
    queue_tasks(aws, InProgress=[other], Cancelling=[])

    assert abandon(make_step("Abandon", last_start=SENT)).progress.task_id == ""


def test_a_task_that_aws_has_forgotten_is_not_waited_for(aws: Any, make_step: Any) -> None:
    aws.stub("iot").add_client_error(
        "describe_thing_registration_task", "ResourceNotFoundException"
    )

    assert abandon(make_step("Abandon", last_start=KNOWN)).next_step == "Answer"


def test_a_task_that_appears_no_more_is_finished_by_its_id(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = abandon(make_step("Abandon", task_id="task-1", last_start=SENT))

    assert outcome.next_step == "Finish"
