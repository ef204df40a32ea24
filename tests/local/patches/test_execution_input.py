"""The input of an execution."""

from __future__ import annotations

import json

import pytest

from local import LocalAws
from tests.local.state_machines import machine

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (json.dumps("x" * 262_143), "ValidationException"),
        (json.dumps("ü" * 100_000, ensure_ascii=False) + " " * 70_000, "ValidationException"),
        ("{", "InvalidExecutionInput"),
        (json.dumps("x" * 262_142), None),
    ],
)
def test_input_is_json_of_at_most_256_kib(aws: LocalAws, text: str, error: str | None) -> None:
    arn = machine(aws, "passes", {"Type": "Pass"})
    states = aws.client("stepfunctions")

    if error is None:
        assert states.start_execution(stateMachineArn=arn, input=text)["executionArn"]
    else:
        with pytest.raises(states.exceptions.ClientError, match=error):
            states.start_execution(stateMachineArn=arn, input=text)
