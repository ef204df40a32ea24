"""Errors that no wildcard catches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import LocalAws
from tests.local.stacks import provider
from tests.local.state_machines import outcome, states_machine

pytestmark = pytest.mark.slow
HANDLER = """
def handler(event, context):
    if event.get("large"):
        return "x" * 300_000
    raise ValueError("no")
"""


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return provider(aws, HANDLER)


def end_of(aws: LocalAws, name: str, states: dict[str, Any], event: Any) -> dict[str, Any]:
    arn = states_machine(aws, name, states)
    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps(event)
    )
    return outcome(aws, started["executionArn"])


def caught(function: str, *errors: str) -> dict[str, Any]:
    catch = [{"ErrorEquals": [error], "Next": "Caught"} for error in errors]
    return {
        "First": {"Type": "Task", "Resource": function, "Catch": catch, "End": True},
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }


def test_states_all_catches_what_a_function_raises(aws: LocalAws, function: str) -> None:
    assert end_of(aws, "raises", caught(function, "States.ALL"), {})["output"] == '"caught"'


@pytest.mark.parametrize("wildcard", ["States.ALL", "States.TaskFailed"])
def test_a_wildcard_does_not_catch_data_that_is_too_large(
    aws: LocalAws, function: str, wildcard: str
) -> None:
    name = f"large-{wildcard.replace('.', '-')}"
    end = end_of(aws, name, caught(function, wildcard), {"large": True})

    assert (end["status"], end["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_nothing_catches_a_runtime_error(aws: LocalAws, function: str) -> None:
    inner = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$.no"}}}
    inner["States"]["Wait"]["End"] = True  # type: ignore[index]
    for name in ("States.ALL", "States.Runtime"):
        states = caught(function, name)
        states["First"] = {**states["First"], "Type": "Parallel", "Branches": [inner]}
        del states["First"]["Resource"]

        end = end_of(aws, f"runtime-{name.replace('.', '-')}", states, {})

        assert (end["status"], end["error"]) == ("FAILED", "States.Runtime")
