"""The times of the Lambdas fit into those of the construct and of CloudFormation."""

from thing_registration.stack import arguments, workflow
from thing_registration.stack.arguments import LONGEST_WAIT_SECONDS, RESERVED_SECONDS
from thing_registration_worker import timing


def test_the_worker_knows_after_how_long_it_is_killed() -> None:
    assert workflow.WORKER_TIMEOUT.to_seconds() == timing.WORKER_TIMEOUT


def test_one_call_of_the_worker_leaves_the_rest_to_the_next_before_it_is_killed() -> None:
    longest_call = timing.CONNECT_TIMEOUT + timing.READ_TIMEOUT

    assert timing.CALL_BUDGET + timing.LINK_TIMEOUT + longest_call < timing.WORKER_TIMEOUT


def test_the_worker_can_send_its_answer_as_often_as_it_tries() -> None:
    attempts = range(1, timing.ANSWER_ATTEMPTS + 1)
    waits = sum(map(timing.answer_wait, attempts)) - timing.answer_wait(attempts[-1])

    assert len(attempts) * timing.ANSWER_TIMEOUT + waits < timing.WORKER_TIMEOUT


def test_a_deletion_is_given_up_before_cloudformation_gives_it_up() -> None:
    assert timing.EMPTYING_TIMEOUT + timing.CANCEL_BUDGET < LONGEST_WAIT_SECONDS
    assert timing.STOPPING_TIMEOUT < RESERVED_SECONDS


def test_a_failure_at_the_deadline_is_answered_before_cloudformation_gives_up() -> None:
    ending = timing.CANCEL_BUDGET + timing.COUNTS_BUDGET + timing.REPORTS_BUDGET

    assert ending + timing.WORKER_TIMEOUT < RESERVED_SECONDS
    assert arguments.MAX_TIMEOUT_SECONDS + RESERVED_SECONDS <= LONGEST_WAIT_SECONDS
