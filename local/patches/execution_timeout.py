"""Difference: a state machine's TimeoutSeconds is ignored.

Patch: after TimeoutSeconds an execution is TIMED_OUT, and no Catch sees it.
Unnecessary once ministack reads the machine's TimeoutSeconds.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions


def apply() -> None:
    """Apply the patch."""
    start = stepfunctions._start_execution

    def start_execution(data: Mapping[str, Any]) -> Any:
        reply = start(data)
        if reply[0] == 200:
            _end_in_time(json.loads(reply[2])["executionArn"])
        return reply

    stepfunctions._start_execution = start_execution


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
