"""Retry and Catch of the deployed definition, and events that come again."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_worker_that_dies_once_in_each_step_carries_on(aws: LocalAws, stack: Stack) -> None:
    steps = ("Prepare", "Recover", "Compare", "Provide", "LookUp", "Start", "Observe", "Finish")
    aws.faults(
        lambdas=[
            {"payload": {"step": step}, "what": "dies_after", "next": 1}
            for step in (*steps, "Answer")
        ]
    )

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_dies_each_time_it_has_started_the_task_leaves_none_running(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(
        task={"ends": "hangs"},
        lambdas=[{"payload": {"step": "Start"}, "what": "dies_after", "next": 5}],
    )

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "a step of the registration died: Runtime.ExitError" in stack.reason()
    assert [task["status"] for task in all_tasks(aws)] == ["Cancelled"]


def test_a_worker_that_dies_each_time_before_it_answers_gives_an_answer_in_the_end(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Answer"}, "what": "dies_before", "next": 5}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "a step of the registration died" in stack.reason()


def test_an_event_whose_lambda_dies_is_delivered_again(aws: LocalAws, stack: Stack) -> None:
    aws.faults(lambdas=[{"function": "OnEvent", "what": "dies_after", "next": 2}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1
