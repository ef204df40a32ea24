"""A start whose answer is lost, a role that is not known yet, a slot that is freed late."""

from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

LOST_START: dict[str, Any] = {
    "api": "StartThingRegistrationTask",
    "what": "dropped",
    "when": "after",
    "next": 1,
}


def test_a_lost_start_that_the_list_shows_late_is_not_made_again(aws: Aws, stack: Stack) -> None:
    aws.faults(calls=[LOST_START], list_lag_seconds=8)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_lost_start_whose_task_has_ended_before_the_list_shows_it_is_adopted(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(calls=[LOST_START], list_lag_seconds=20, things_per_second=100)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_start_that_never_reached_aws_is_made_again_in_the_end(aws: Aws, stack: Stack) -> None:
    aws.faults(calls=[{**LOST_START, "when": "before"}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("words", ["The role is not usable yet", "Not now", "Nein"])
def test_a_role_that_is_not_known_yet_is_tried_again_in_any_words(
    aws: Aws, stack: Stack, words: str
) -> None:
    aws.faults(role={"seconds": 25, "message": words})

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_slot_that_is_freed_late_is_waited_for_although_it_is_called_an_invalid_request(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(
        foreign_task_seconds=25,
        # Longer than the registry may lag the task.
        slot_freed_late_seconds=100,
        busy_code="InvalidRequestException",
        busy_message="no",
    )

    assert stack.create() == "CREATE_COMPLETE"


def test_a_start_is_allowed_although_aws_does_not_fill_the_key_passed_to_service(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(passed_to_service_key=False)

    assert stack.create() == "CREATE_COMPLETE"
