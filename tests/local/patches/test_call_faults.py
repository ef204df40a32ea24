"""Calls that fail when a test asks for it."""

from __future__ import annotations

import pytest
from botocore.config import Config

from local import LocalAws
from tests.local.state_machines import machine

pytestmark = pytest.mark.slow
ONCE = Config(retries={"total_max_attempts": 1})


def test_an_execution_may_not_start(aws: LocalAws) -> None:
    fault = {"service": "states", "api": "StartExecution", "code": "ServiceUnavailable", "next": 1}
    aws.faults(calls=[fault])
    states = aws.client("stepfunctions", config=ONCE)
    arn = machine(aws, "passes", {"Type": "Pass"})

    with pytest.raises(states.exceptions.ClientError, match="ServiceUnavailable"):
        states.start_execution(stateMachineArn=arn)
    assert states.start_execution(stateMachineArn=arn)["executionArn"]


def test_describing_stacks_can_fail(aws: LocalAws) -> None:
    fault = {"service": "cloudformation", "api": "DescribeStacks", "code": "Throttling", "next": 1}
    aws.faults(calls=[fault])
    cloudformation = aws.client("cloudformation", config=ONCE)

    with pytest.raises(cloudformation.exceptions.ClientError, match="Throttling"):
        cloudformation.describe_stacks()
    cloudformation.describe_stacks()
