"""Difference: StartExecution refuses every name that was used before.

Patch: if an execution of the same name and input is running, the answer is that execution;
otherwise it is ExecutionAlreadyExists.
Unnecessary once ministack returns the running execution.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions


def apply() -> None:
    """Apply the patch."""
    start = stepfunctions._start_execution

    def start_execution(data: Mapping[str, Any]) -> Any:
        running = _running_execution(data)
        if running is None:
            return start(data)
        return json_response(
            {"executionArn": running["executionArn"], "startDate": running["startDate"]}
        )

    stepfunctions._start_execution = start_execution


def _running_execution(data: Mapping[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    if execution is None or execution["status"] != "RUNNING":
        return None
    return execution if execution["input"] == data.get("input", "{}") else None
