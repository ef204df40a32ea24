"""Difference: a step that ends after its execution was stopped makes the execution FAILED.

Patch: it stays ABORTED or TIMED_OUT.
Unnecessary once ministack leaves an execution that has ended alone.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions


def apply() -> None:
    """Apply the patch."""
    fail = stepfunctions._fail_execution

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._fail_execution = fail_execution
