"""The size of what a state hands on."""

from __future__ import annotations

import json

import pytest

from local import LocalAws
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


def test_a_state_hands_on_256_kib_at_most(aws: LocalAws) -> None:
    doubled = {"Type": "Pass", "Parameters": {"one.$": "$.text", "two.$": "$.text"}}
    arn = machine(aws, "doubles", doubled)

    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps({"text": "x" * 150_000})
    )

    assert outcome(aws, started["executionArn"])["error"] == "States.DataLimitExceeded"
