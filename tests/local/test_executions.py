"""Step Functions and Lambda, where they must be as on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config

from local import LocalAws
from tests.local.fleet import eventually
from tests.local.stacks import provider

pytestmark = pytest.mark.slow
HANDLER = """
import os
class SlotBusy(Exception):
    pass
def handler(event, context):
    if event.get("exit"):
        os._exit(1)
    if event.get("raise"):
        raise SlotBusy("another task runs")
    return event
"""


@pytest.fixture(scope="module", autouse=True)
def function(aws: LocalAws) -> str:
    return provider(aws, HANDLER)


def machine(aws: LocalAws, name: str, state: dict[str, Any], **top: Any) -> str:
    """A state machine of one state."""
    definition = {"StartAt": "Only", "States": {"Only": {**state, "End": True}}, **top}
    arn: str = aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps(definition),
        roleArn=f"arn:aws:iam::{aws.account}:role/provider",
    )["stateMachineArn"]
    return arn


def outcome(aws: LocalAws, execution: str) -> dict[str, Any]:
    states = aws.client("stepfunctions")
    found: dict[str, Any] = eventually(
        lambda: states.describe_execution(executionArn=execution),
        lambda described: described["status"] != "RUNNING",
    )
    return found


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(aws: LocalAws) -> None:
    states = aws.client("stepfunctions")
    arn = machine(aws, "waits", {"Type": "Wait", "Seconds": 1})
    start = {"stateMachineArn": arn, "name": "once"}

    first = states.start_execution(**start, input='{"a": 1}')
    second = states.start_execution(**start, input='{"a": 1}')

    assert first["executionArn"] == second["executionArn"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**start, input='{"a": 2}')
    assert outcome(aws, first["executionArn"])["status"] == "SUCCEEDED"
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**start, input='{"a": 1}')


def test_an_execution_ends_after_its_timeout(aws: LocalAws) -> None:
    arn = machine(aws, "times-out", {"Type": "Wait", "Seconds": 2}, TimeoutSeconds=1)

    started = aws.client("stepfunctions").start_execution(stateMachineArn=arn)

    assert outcome(aws, started["executionArn"])["status"] == "TIMED_OUT"


@pytest.mark.parametrize(
    ("event", "error"), [({"raise": True}, "SlotBusy"), ({"exit": True}, "Runtime.ExitError")]
)
def test_the_error_of_a_lambda_is_the_exceptions_name(
    aws: LocalAws, function: str, event: dict[str, Any], error: str
) -> None:
    name = f"fails-{error.replace('.', '-')}"
    arn = machine(aws, name, {"Type": "Task", "Resource": function})

    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps(event)
    )

    assert outcome(aws, started["executionArn"])["error"] == error


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("dies_before", "Runtime.ExitError"),
        ("dies_after", "Runtime.ExitError"),
        ("times_out", "Sandbox.Timedout"),
        ("out_of_memory", "Runtime.OutOfMemory"),
    ],
)
def test_a_step_can_go_wrong_once(aws: LocalAws, function: str, what: str, error: str) -> None:
    fault = {"what": what, "function": "prov", "payload": {"step": "Start"}, "next": 1}
    aws.faults(lambdas=[fault])
    functions = aws.client("lambda")

    def invoke(step: str) -> dict[str, Any]:
        reply = functions.invoke(FunctionName="provider", Payload=json.dumps({"step": step}))
        body: dict[str, Any] = json.load(reply["Payload"])
        return body

    assert invoke("Observe") == {"step": "Observe"}
    assert invoke("Start")["errorType"] == error
    assert invoke("Start") == {"step": "Start"}


def test_a_wait_of_a_string_is_an_error(aws: LocalAws) -> None:
    arn = machine(aws, "waits-for-a-string", {"Type": "Wait", "SecondsPath": "$.seconds"})
    states = aws.client("stepfunctions")

    ends = [
        outcome(aws, states.start_execution(stateMachineArn=arn, input=text)["executionArn"])
        for text in ('{"seconds": "0"}', '{"seconds": 0}')
    ]

    assert [end["status"] for end in ends] == ["FAILED", "SUCCEEDED"]
    assert ends[0]["error"] == "States.Runtime"


def test_a_state_hands_on_256_kib_at_most(aws: LocalAws) -> None:
    doubled = {"Type": "Pass", "Parameters": {"one.$": "$.text", "two.$": "$.text"}}
    arn = machine(aws, "doubles", doubled)

    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps({"text": "x" * 150_000})
    )

    assert outcome(aws, started["executionArn"])["error"] == "States.DataLimitExceeded"


def test_an_execution_may_not_start(aws: LocalAws) -> None:
    fault = {"service": "states", "api": "StartExecution", "code": "ServiceUnavailable", "next": 1}
    aws.faults(calls=[fault])
    states = aws.client("stepfunctions", config=Config(retries={"total_max_attempts": 1}))
    arn = machine(aws, "passes", {"Type": "Pass"})

    with pytest.raises(states.exceptions.ClientError, match="ServiceUnavailable"):
        states.start_execution(stateMachineArn=arn)
    assert states.start_execution(stateMachineArn=arn)["executionArn"]
