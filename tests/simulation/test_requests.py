"""CloudFormation's requests: each is carried out once and answered once."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_create_event_that_comes_twice_registers_once(aws: Aws, stack: Stack) -> None:
    aws.faults(duplicate_events=1)

    assert stack.create() == "CREATE_COMPLETE"
    assert [event["request_type"] for event in aws.journal("event")] == ["Create", "Create"]
    assert len(starts(aws)) == 1


def test_an_update_event_that_comes_twice_registers_once(aws: Aws, stack: Stack) -> None:
    stack.create()
    aws.faults(duplicate_events=1)
    stack.declare_new_file()

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 2


@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_an_event_whose_lambda_dies_is_delivered_again(aws: Aws, stack: Stack, what: str) -> None:
    aws.faults(lambdas=[{"function": "OnEvent", "what": what, "next": 2}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_an_execution_that_cannot_be_started_is_answered(aws: Aws, stack: Stack) -> None:
    # As often as the Lambda tries.
    fault = {"service": "states", "api": "StartExecution", "code": "ServiceUnavailable"}
    aws.faults(calls=[{**fault, "status": 503, "next": 6}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "the registration could not begin: " in stack.reason()
    assert not starts(aws)


def test_an_answer_that_fails_twice_is_sent_again(aws: Aws, stack: Stack) -> None:
    aws.faults(answers={"next": 2, "status": 503})

    assert stack.create() == "CREATE_COMPLETE"
    assert [fault["status"] for fault in aws.journal("fault")] == [503, 503]


def test_a_worker_that_dies_when_it_has_answered_changes_nothing(aws: Aws, stack: Stack) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Answer"}, "what": "dies_after", "next": 1}])

    assert stack.create() == "CREATE_COMPLETE"


def test_a_worker_that_dies_each_time_before_it_answers_gives_an_answer_in_the_end(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Answer"}, "what": "dies_before", "next": 5}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "a step of the registration died" in stack.reason()
