"""An execution has at most 25,000 events, as Step Functions allows.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local.patches import history_limit
from local.simulation import SimulatedAws
from tests.local.simulation.provider import Provider
from tests.local.stacks import provider_role

PASS = {"Type": "Pass"}
CAUSE = "The execution reached the maximum number of history events (25000)."
# Each round is two states, and a state two events; the execution's start and end are events too.
ROUNDS_THAT_FIT = 6249


def start(aws: SimulatedAws, states: dict[str, Any], given: Any = None, **machine: Any) -> str:
    """Start an execution of a new state machine and return its ARN."""
    states_client = aws.client("stepfunctions")
    arn = states_client.create_state_machine(
        name="machine",
        definition=json.dumps({"StartAt": "First", "States": states}),
        roleArn=provider_role(aws),
        **machine,
    )["stateMachineArn"]
    started = states_client.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))
    return str(started["executionArn"])


def ended(aws: SimulatedAws, execution: str) -> dict[str, Any]:
    """Return the description of an execution once it has ended."""
    states_client = aws.client("stepfunctions")
    while True:
        found: dict[str, Any] = states_client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(600)


def last_event(aws: SimulatedAws, execution: str) -> dict[str, Any]:
    """Return the last event of an execution."""
    history = aws.client("stepfunctions").get_execution_history(
        executionArn=execution, reverseOrder=True, maxResults=1
    )
    event: dict[str, Any] = history["events"][0]
    return event


def test_an_endless_loop_fails_with_its_25000th_event(aws: SimulatedAws) -> None:
    execution = start(
        aws,
        {
            "First": {"Type": "Wait", "Seconds": 5, "Next": "Second"},
            "Second": {**PASS, "Next": "First"},
        },
    )

    found = ended(aws, execution)

    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "States.Runtime", CAUSE)
    last = last_event(aws, execution)
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")


def test_nothing_catches_the_end_of_the_history(
    aws: SimulatedAws, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_limit, "MAX_EVENTS", 100)
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "First"}]
    task = {"Type": "Task", "Resource": provider.token, "Catch": catch, "End": True}

    found = ended(aws, start(aws, {"First": task}))

    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")


@pytest.mark.parametrize(("type_", "status"), [("STANDARD", "FAILED"), ("EXPRESS", "SUCCEEDED")])
def test_only_a_standard_execution_has_the_limit(
    aws: SimulatedAws, type_: str, status: str
) -> None:
    execution = start(aws, counting(ROUNDS_THAT_FIT + 100), {"n": 0}, type=type_)

    assert ended(aws, execution)["status"] == status


def test_a_history_that_just_fits_succeeds(aws: SimulatedAws) -> None:
    execution = start(aws, counting(ROUNDS_THAT_FIT - 1), {"n": 0})

    assert ended(aws, execution)["status"] == "SUCCEEDED"
    assert 24_990 < last_event(aws, execution)["id"] <= 25_000


def counting(rounds: int) -> dict[str, Any]:
    """States that go round so often."""
    return {
        "First": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": rounds, "Next": "Count"}],
            "Default": "Last",
        },
        "Count": {
            **PASS,
            "Parameters": {"n.$": "States.MathAdd($.n, 1)"},
            "Next": "First",
        },
        "Last": {"Type": "Succeed"},
    }


def test_an_attempt_of_a_task_is_scheduled_started_and_ends(
    aws: SimulatedAws, provider: Provider
) -> None:
    task = {"Type": "Task", "Resource": provider.token, "End": True}
    execution = start(aws, {"First": task})
    ended(aws, execution)

    history = aws.client("stepfunctions").get_execution_history(executionArn=execution)
    assert [event["type"] for event in history["events"]] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "ExecutionFailed",
    ]
