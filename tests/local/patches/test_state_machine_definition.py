"""What is wrong with a definition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.patches.state_machine_definition import problems

END = {"Type": "Succeed"}
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"}


def told(states: Any, start: str = "A") -> str:
    return "; ".join(problems(json.dumps({"StartAt": start, "States": states})))


def test_a_sound_definition_has_no_problems() -> None:
    retry = [
        {"ErrorEquals": ["X"], "IntervalSeconds": 2, "MaxDelaySeconds": 9, "MaxAttempts": 0},
        {"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "BackoffRate": 1.5},
    ]
    states = {
        "A": {**TASK, "Retry": retry, "Catch": [{"ErrorEquals": ["Y"], "Next": "F"}], "Next": "C"},
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "W"}],
            "Default": "P",
        },
        "W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "C"},
        "P": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}],
            "Next": "M",
        },
        "M": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "I", "States": {"I": END}},
            "End": True,
        },
        "F": {"Type": "Fail"},
    }

    assert told(states) == ""


@pytest.mark.parametrize(
    ("states", "problem"),
    [
        ({}, "MISSING_STATES"),
        ({"B": END}, "Missing 'Next' target: A"),
        ({"A": {**TASK, "Next": "B"}}, "Missing 'Next' target: B"),
        ({"A": END, "B": END}, "State 'B' is not reachable"),
        ({"A": TASK}, "Exactly one of Next and End"),
        ({"A": {**TASK, "Next": "A", "End": True}}, "Exactly one of Next and End"),
        ({"A": {"Type": "Task", "End": True}}, "Missing Resource"),
        ({"A": {"Type": "Tusk", "End": True}}, "Unknown Type"),
        ({"A": {"Type": "Choice"}}, "Missing Choices"),
        ({"A": {"Type": "Fail", "End": True}}, "neither Next nor End"),
        ({"A": {"Type": "Wait", "End": True}}, "A Wait needs one of"),
        ({"A": {"Type": "Pass", "End": True, "Retry": [{"ErrorEquals": ["X"]}]}}, "has no Retry"),
        ({"A": {**TASK, "End": True, "Retry": [{"ErrorEquals": []}]}}, "Missing ErrorEquals"),
        (
            {"A": {**TASK, "End": True, "Retry": [{"ErrorEquals": ["States.ALL", "X"]}]}},
            "States.ALL must be alone and last",
        ),
        (
            {
                "A": {
                    **TASK,
                    "End": True,
                    "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}],
                }
            },
            "States.ALL must be alone and last",
        ),
        ({"A": {**TASK, "End": True, "Catch": [{"ErrorEquals": ["X"]}]}}, "Missing Next"),
        (
            {"A": {**TASK, "End": True, "Retry": [{"ErrorEquals": ["X"], "IntervalSeconds": 0.5}]}},
            "IntervalSeconds must be from 1",
        ),
        (
            {"A": {**TASK, "End": True, "Retry": [{"ErrorEquals": ["X"], "BackoffRate": 0.5}]}},
            "BackoffRate must be at least 1",
        ),
        (
            {"A": {**TASK, "End": True, "Retry": [{"ErrorEquals": ["X"], "JitterStrategy": "x"}]}},
            "JitterStrategy",
        ),
        (
            {"A": {"Type": "Parallel", "End": True, "Branches": [{"StartAt": "I", "States": {}}]}},
            "MISSING_STATES",
        ),
        ({"x" * 81: END}, "over 80 characters"),
    ],
)
def test_an_unsound_definition_is_told(states: Any, problem: str) -> None:
    assert problem in told(states)


def test_what_is_not_json_is_told() -> None:
    assert "INVALID_JSON" in problems("{")[0]
    assert "INVALID_JSON" in problems("[]")[0]
