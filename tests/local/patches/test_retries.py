"""Retry of a state: each retrier by itself, with all of its members."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local import LocalAws
from local.patches.retries import delay
from tests.local.stacks import provider
from tests.local.state_machines import machine, outcome
from tests.simulation.waiting import until

RETRIER = {"IntervalSeconds": 2, "BackoffRate": 3.0}


def test_delays_grow_up_to_the_maximum() -> None:
    capped = {**RETRIER, "MaxDelaySeconds": 30}

    assert [delay(RETRIER, n, 0.5) for n in range(5)] == [2, 6, 18, 54, 162]
    assert [delay(capped, n, 0.5) for n in range(5)] == [2, 6, 18, 30, 30]


def test_full_jitter_takes_a_part_of_the_delay() -> None:
    jittered = {**RETRIER, "MaxDelaySeconds": 30, "JitterStrategy": "FULL"}

    assert [delay(jittered, 4, chance) for chance in (0.0, 0.5, 1.0)] == [0, 15, 30]
    assert delay({**RETRIER, "JitterStrategy": "NONE"}, 1, 0.5) == 6


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return provider(aws, "def handler(event, context):\n    raise ValueError('no')\n")


def task(function: str, *retriers: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Task", "Resource": function, "Retry": list(retriers)}


def retrier(*errors: str, attempts: int, seconds: int = 1) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "MaxAttempts": attempts,
        "IntervalSeconds": seconds,
        "BackoffRate": 1.0,
    }


@pytest.mark.slow
def test_each_retrier_has_attempts_of_its_own(aws: LocalAws, function: str) -> None:
    busy = retrier("Lambda.TooManyRequestsException", attempts=4)
    own = retrier("ValueError", attempts=2)
    arn = machine(aws, "two-retriers", task(function, busy, own))
    aws.faults(lambda_refuses={"next": 3})

    ended = outcome(
        aws, aws.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]
    )

    events = aws.client("stepfunctions").get_execution_history(
        executionArn=ended["executionArn"], maxResults=1000
    )["events"]
    failed = [
        event["taskFailedEventDetails"]["error"]
        for event in events
        if "Failed" in event["type"]
        if "taskFailedEventDetails" in event
    ]
    assert failed == ["Lambda.TooManyRequestsException"] * 3 + ["ValueError"] * 3
    assert ended["error"] == "ValueError"
    assert aws.fault_strikes() == {"lambda_refuses": 3}


@pytest.mark.slow
def test_a_stopped_execution_makes_no_more_attempts(aws: LocalAws, function: str) -> None:
    arn = machine(aws, "stopped", task(function, retrier("ValueError", attempts=9, seconds=3)))
    aws.faults(lambdas=[{"what": "times_out", "next": 99, "function": "^none$"}])
    states = aws.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    until("the first attempt", lambda: failed(states, execution), lambda count: count == 1)

    states.stop_execution(executionArn=execution)
    before = len(states.get_execution_history(executionArn=execution)["events"])
    time.sleep(3.5)

    after = states.get_execution_history(executionArn=execution)["events"]
    assert len(after) == before
    assert failed(states, execution) == 1


def failed(states: Any, execution: str) -> int:
    """Return how many attempts of an execution have failed."""
    events = states.get_execution_history(executionArn=execution)["events"]
    return json.dumps(events, default=str).count("TaskFailed")
