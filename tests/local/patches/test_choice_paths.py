"""Choice states without a match, and with a Variable that does not exist."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import LocalAws
from local.patches.choice_paths import exists
from tests.local.state_machines import outcome, states_machine


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a.b", True),
        ("$.a.c", False),
        ("$.none", True),
        ("$.list[1]", True),
        ("$.list[2]", False),
        ("$.x", False),
        ("$.list[*].x", True),
        ("$", True),
        ("$$.Execution.Id", True),
    ],
)
def test_a_path_exists_or_not(path: str, found: bool) -> None:
    data = {"a": {"b": 1}, "none": None, "list": [1, 2]}

    assert exists(path, data) is found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "event", "error"),
    [
        ({"Variable": "$.step", "StringEquals": "x"}, {"step": "y"}, "States.NoChoiceMatched"),
        ({"Variable": "$.step", "StringEquals": "x"}, {}, "States.Runtime"),
        ({"Not": {"Variable": "$.step", "StringEquals": "x"}}, {}, "States.Runtime"),
        ({"Variable": "$.step", "IsPresent": True}, {}, "States.NoChoiceMatched"),
        ({"Variable": "$.step", "StringEquals": "x"}, {"step": "x"}, None),
    ],
)
def test_a_choice_without_a_match_fails(
    aws: LocalAws, rule: dict[str, Any], event: Any, error: str | None
) -> None:
    states = {
        "First": {"Type": "Choice", "Choices": [{**rule, "Next": "End"}]},
        "End": {"Type": "Succeed"},
    }
    arn = states_machine(aws, f"choice-{abs(hash(str((rule, event))))}", states)

    started = aws.client("stepfunctions").start_execution(
        stateMachineArn=arn, input=json.dumps(event)
    )

    assert outcome(aws, started["executionArn"]).get("error") == error
