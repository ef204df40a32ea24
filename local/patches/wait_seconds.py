"""Difference: a Wait state whose `SecondsPath` leads to "5" (a string) does not wait.

Patch: the execution fails with States.Runtime unless `SecondsPath` leads to an integer.
Unnecessary once ministack fails such a Wait.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions


def apply() -> None:
    """Apply the patch."""
    execute_wait = stepfunctions._execute_wait

    def execute_checked_wait(state: Any, raw_input: Any, ctx: Any = None) -> Any:
        if "SecondsPath" in state:
            path = state["SecondsPath"]
            effective = stepfunctions._apply_input_path(state, raw_input, ctx)
            value = stepfunctions._resolve_path(path, effective)
            if isinstance(value, bool) or not isinstance(value, int):
                raise stepfunctions._ExecutionError(
                    "States.Runtime",
                    f"The SecondsPath parameter does not reference a numeric value: {path} == "
                    f"{value!r}",
                )
        return execute_wait(state, raw_input, ctx)

    stepfunctions._execute_wait = execute_checked_wait
