"""The names of a Lambda's errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import LocalAws
from local.patches.lambda_errors import exception_name
from tests.local.stacks import provider
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow
HANDLER = """
class SlotBusy(Exception):
    pass
def handler(event, context):
    if event.get("exit"):
        import os
        os._exit(1)
    if event.get("raise"):
        raise SlotBusy("another task runs")
    return event
"""


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return provider(aws, HANDLER)


def test_an_exceptions_name_is_read_from_its_traceback() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "x", line 1\npackage.SlotBusy: a task\n  runs'
    )

    assert exception_name(trace) == "SlotBusy"
    assert exception_name("Traceback\n  raise\nValueError") == "ValueError"
    assert exception_name("") is None


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
