"""Lambda refuses to invoke a function."""

from __future__ import annotations

from typing import Any

import pytest

from local import LocalAws
from tests.local.stacks import provider
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return provider(aws, "def handler(event, context):\n    return {}\n")


def end_of(aws: LocalAws, name: str, state: dict[str, Any]) -> dict[str, Any]:
    arn = machine(aws, name, state)
    started = aws.client("stepfunctions").start_execution(stateMachineArn=arn)
    return outcome(aws, started["executionArn"])


@pytest.mark.parametrize(
    "code",
    ["TooManyRequestsException", "ServiceException", "SdkClientException", "AWSLambdaException"],
)
def test_step_functions_names_the_error_as_aws_does(
    aws: LocalAws, function: str, code: str
) -> None:
    aws.faults(lambda_refuses={"seconds": 60, "code": code, "function": "provider"})

    ends = [
        end_of(aws, f"by-arn-{code}", {"Type": "Task", "Resource": function}),
        end_of(
            aws,
            f"by-integration-{code}",
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function, "Payload": {}},
            },
        ),
    ]

    assert [end["error"] for end in ends] == [f"Lambda.{code}"] * 2


def test_after_its_seconds_a_retry_succeeds(aws: LocalAws, function: str) -> None:
    aws.faults(lambda_refuses={"seconds": 1})
    retry = {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 1,
        "MaxAttempts": 9,
        "MaxDelaySeconds": 1,
    }

    end = end_of(aws, "retries", {"Type": "Task", "Resource": function, "Retry": [retry]})

    assert end["status"] == "SUCCEEDED"
    assert aws.fault_strikes()["lambda_refuses"] > 0
