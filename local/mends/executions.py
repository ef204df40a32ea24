"""Difference: StartExecution refuses every name that was used before, and a state machine's
TimeoutSeconds is ignored.

Mend: for a running execution of the same name and input the answer is that execution's, else
ExecutionAlreadyExists; after TimeoutSeconds an execution is TIMED_OUT, without passing any Catch.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

from ministack.core.responses import json_response, now_iso
from ministack.services import stepfunctions


def mend() -> None:
    """Put the mend in place."""
    start, fail = stepfunctions._start_execution, stepfunctions._fail_execution

    def start_execution(data: Mapping[str, Any]) -> Any:
        running = _running_twin(data)
        if running is not None:
            return json_response(
                {"executionArn": running["executionArn"], "startDate": running["startDate"]}
            )
        reply = start(data)
        if reply[0] == 200:
            _end_in_time(json.loads(reply[2])["executionArn"])
        return reply

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        # One that was stopped or timed out stays so, whatever its last step still says.
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._start_execution = start_execution
    stepfunctions._fail_execution = fail_execution


def _running_twin(data: Mapping[str, Any]) -> dict[str, Any] | None:
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    if execution is None or execution["status"] != "RUNNING":
        return None
    return execution if execution["input"] == data.get("input", "{}") else None


def _end_in_time(arn: str) -> None:
    execution = stepfunctions._executions[arn]
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
    try:
        seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
    except ValueError:
        seconds = None
    if not isinstance(seconds, int):
        return
    timer = threading.Timer(seconds, copy_context().run, (_time_out, execution))
    timer.daemon = True
    timer.start()


def _time_out(execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution["status"] = "TIMED_OUT"
    execution["stopDate"] = now_iso()
    stepfunctions._add_event(execution, "ExecutionTimedOut", {})
    stepfunctions._emit_execution_status_event(execution)
