"""Differences: a state may hand on more than 256 KiB, and a wait of "5" seconds is no wait.

Mend: the execution fails with States.DataLimitExceeded, or with States.Runtime where `SecondsPath`
leads to anything but an integer.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (payload size),
https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions

MAX_STATE_BYTES = 256 * 1024


def mend() -> None:
    """Put the mends in place."""
    add_event, execute_wait = stepfunctions._add_event, stepfunctions._execute_wait

    def add_checked_event(execution: Any, event_type: str, details: Any = None) -> Any:
        output = (details or {}).get("stateExitedEventDetails", {}).get("output", "")
        if len(output.encode()) > MAX_STATE_BYTES:
            raise stepfunctions._ExecutionError(
                "States.DataLimitExceeded",
                "The state/task returned a result with a size exceeding the maximum number of "
                "bytes service limit.",
            )
        return add_event(execution, event_type, details)

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

    stepfunctions._add_event = add_checked_event
    stepfunctions._execute_wait = execute_checked_wait
