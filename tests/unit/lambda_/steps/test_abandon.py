"""The Abandon step: a failure leaves nothing of ours running."""

from typing import Any

import pytest

from errors import RegistrationError
from steps.abandon import abandon
from tests.unit.lambda_.stubs import NOW, described, queue_tasks
from timing import CANCEL_BUDGET, LOST_START_BUDGET


def test_an_abandoned_task_is_stopped_then_its_reports_are_kept(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[described()], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})
    first = abandon(make_step("Abandon", failure="why"))
    queue_tasks(aws, InProgress=[], Cancelling=[])

    second = abandon(make_step("Abandon", failure="why", task_id=first.progress.task_id))

    assert (first.next_step, first.progress.task_id) == ("Abandon", "task-1")
    assert second.next_step == "Finish"


def test_a_start_whose_answer_was_lost_is_looked_for_until_it_cannot_appear_any_more(
    aws: Any, make_step: Any
) -> None:
    for since, expected in ((NOW, "Abandon"), (NOW - LOST_START_BUDGET, "Answer")):
        queue_tasks(aws, InProgress=[], Cancelling=[])

        outcome = abandon(make_step("Abandon", maybe_started_at=NOW, abandoned_at=since))

        assert outcome.next_step == expected


def test_a_task_that_cannot_be_stopped_is_named_in_the_answer(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])
    since = NOW - CANCEL_BUDGET - 1

    with pytest.raises(RegistrationError, match=r"why; .* still runs them: task-1"):
        abandon(make_step("Abandon", failure="why", abandoned_at=since))
