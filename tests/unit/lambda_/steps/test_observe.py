"""The Observe step: look until the task has ended, or until the deadline."""

from typing import Any

import pytest

from tests.unit.lambda_.stubs import NOW, queue_described
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.steps.observe import observe


def test_a_running_task_is_looked_at_again(aws: Any, make_step: Any) -> None:
    queue_described(aws)

    outcome = observe(make_step("Observe", task_id="task-1", started_at=NOW - 500))

    assert (outcome.next_step, outcome.wait) == ("Observe", 20)


def test_the_last_look_is_at_the_deadline(aws: Any, make_step: Any) -> None:
    queue_described(aws)

    outcome = observe(
        make_step("Observe", task_id="task-1", started_at=NOW - 2000, deadline=NOW + 3)
    )

    assert outcome.wait == 3


def test_a_task_that_runs_at_the_deadline_fails_saying_how_far_it_came(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, percentageProgress=63, successCount=12, failureCount=1)

    with pytest.raises(RegistrationError) as caught:
        observe(make_step("Observe", task_id="task-1", deadline=NOW - 1))

    assert str(caught.value) == (
        "registration task task-1 was stopped at its timeout of 50 minutes, 63 % done: "
        "12 registered, 1 failed"
    )


@pytest.mark.parametrize("status", ["Completed", "Failed", "Cancelled"])
def test_a_task_that_has_ended_is_finished_even_after_the_deadline(
    aws: Any, make_step: Any, status: str
) -> None:
    queue_described(aws, status=status)

    assert observe(make_step("Observe", task_id="task-1", deadline=0)).next_step == "Finish"


def test_a_task_is_looked_at_a_last_time_a_second_after_the_deadline(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Cancelling")

    outcome = observe(make_step("Observe", task_id="task-1", started_at=NOW, deadline=NOW))

    assert (outcome.next_step, outcome.wait) == ("Observe", 1)
