"""Difference: StartExecution takes input of any size, and text that is not JSON.

Patch: ValidationException over 262,144 bytes, InvalidExecutionInput for what is not JSON.
Unnecessary once ministack refuses such input.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from local.patches.state_size import MAX_STATE_BYTES


def apply() -> None:
    """Apply the patch."""
    start = stepfunctions._start_execution

    def start_execution(data: Mapping[str, Any]) -> Any:
        text = data.get("input", "{}")
        if len(text.encode()) > MAX_STATE_BYTES:
            return error_response_json(
                "ValidationException",
                "1 validation error detected: Value at 'input' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_STATE_BYTES}",
                400,
            )
        try:
            json.loads(text)
        except ValueError as error:
            return error_response_json(
                "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'", 400
            )
        return start(data)

    stepfunctions._start_execution = start_execution
