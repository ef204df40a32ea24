"""The size of what a state hands on."""

from __future__ import annotations

import json

import pytest

from local import LocalAws
from tests.local.stacks import provider
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


def test_a_state_hands_on_256_kib_at_most(aws: LocalAws) -> None:
    doubled = {"Type": "Pass", "Parameters": {"one.$": "$.text", "two.$": "$.text"}}
    arn = machine(aws, "doubles", doubled)

    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps({"text": "x" * 150_000})
    )

    assert outcome(aws, started["executionArn"])["error"] == "States.DataLimitExceeded"


def test_a_tasks_result_is_256_kib_at_most(aws: LocalAws) -> None:
    function = provider(aws, "def handler(event, context):\n    return 'x' * 300_000\n")
    arn = machine(aws, "large-result", {"Type": "Task", "Resource": function, "ResultPath": None})

    started = aws.client("stepfunctions").start_execution(stateMachineArn=arn)

    assert outcome(aws, started["executionArn"])["error"] == "States.DataLimitExceeded"
