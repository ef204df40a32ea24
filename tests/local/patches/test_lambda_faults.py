"""Lambdas that fail when a test asks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import LocalAws
from tests.local.stacks import provider

pytestmark = pytest.mark.slow
HANDLER = """
def handler(event, context):
    return event
"""


@pytest.fixture(scope="module")
def function(aws: LocalAws) -> str:
    return provider(aws, HANDLER)


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
