"""Difference: the input, the task result and the output of a state may be larger than 256 KiB.

Patch: the execution fails with States.DataLimitExceeded.
Unnecessary once ministack fails such an execution.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions

MAX_STATE_BYTES = 256 * 1024

_CHECKED = {
    "stateEnteredEventDetails": "input",
    "taskSucceededEventDetails": "output",
    "stateExitedEventDetails": "output",
}


def apply() -> None:
    """Apply the patch."""
    add_event = stepfunctions._add_event

    def add_checked_event(execution: Any, event_type: str, details: Any = None) -> Any:
        for name, member in _CHECKED.items():
            text = (details or {}).get(name, {}).get(member, "")
            if len(text.encode()) > MAX_STATE_BYTES:
                raise stepfunctions._ExecutionError(
                    "States.DataLimitExceeded",
                    "The state/task returned a result with a size exceeding the maximum number of "
                    "bytes service limit.",
                )
        return add_event(execution, event_type, details)

    stepfunctions._add_event = add_checked_event
