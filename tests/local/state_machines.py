"""State machines, for tests of Step Functions."""

from __future__ import annotations

import json
from typing import Any

from local import LocalAws
from tests.local.fleet import eventually
from tests.local.stacks import provider_role


def machine(aws: LocalAws, name: str, state: dict[str, Any], **top: Any) -> str:
    """A state machine of one state."""
    definition = {"StartAt": "Only", "States": {"Only": {**state, "End": True}}, **top}
    arn: str = aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps(definition),
        roleArn=provider_role(aws),
    )["stateMachineArn"]
    return arn


def outcome(aws: LocalAws, execution: str) -> dict[str, Any]:
    states = aws.client("stepfunctions")
    found: dict[str, Any] = eventually(
        lambda: states.describe_execution(executionArn=execution),
        lambda described: described["status"] != "RUNNING",
    )
    return found


def states_machine(aws: LocalAws, name: str, states: dict[str, Any]) -> str:
    """Make a state machine that starts at `First` and return its ARN."""
    arn: str = aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "First", "States": states}),
        roleArn=provider_role(aws),
    )["stateMachineArn"]
    return arn
