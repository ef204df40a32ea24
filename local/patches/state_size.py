"""Difference: a state may hand on more than 256 KiB.

Patch: the execution fails with States.DataLimitExceeded.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions

MAX_STATE_BYTES = 256 * 1024


def apply() -> None:
    """Apply the patch."""
    add_event = stepfunctions._add_event

    def add_checked_event(execution: Any, event_type: str, details: Any = None) -> Any:
        output = (details or {}).get("stateExitedEventDetails", {}).get("output", "")
        if len(output.encode()) > MAX_STATE_BYTES:
            raise stepfunctions._ExecutionError(
                "States.DataLimitExceeded",
                "The state/task returned a result with a size exceeding the maximum number of "
                "bytes service limit.",
            )
        return add_event(execution, event_type, details)

    stepfunctions._add_event = add_checked_event
