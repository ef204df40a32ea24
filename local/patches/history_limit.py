"""Difference: an execution's history is as long as it may be, and lacks the start of each task.

Patch: an execution of a Standard state machine fails with States.Runtime when it has 25,000 events,
the failure being the last of them; an attempt of a task has the event TaskStarted too.
Unnecessary once ministack limits the history to 25,000 events.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions

MAX_EVENTS = 25_000


def apply() -> None:
    """Apply the patch."""
    add_event = stepfunctions._add_event

    def add_counted_event(execution: Any, event_type: str, details: Any = None) -> Any:
        # The last event is the one that ends the execution.
        is_end = event_type.startswith("Execution")
        if len(execution["events"]) >= MAX_EVENTS - 1 and not is_end and _is_standard(execution):
            raise stepfunctions._ExecutionError(
                "States.Runtime",
                f"The execution reached the maximum number of history events ({MAX_EVENTS}).",
            )
        event = add_event(execution, event_type, details)
        if event_type == "TaskScheduled":
            started = {"taskStartedEventDetails": (details or {}).get("taskScheduledEventDetails")}
            add_counted_event(execution, "TaskStarted", started)
        return event

    stepfunctions._add_event = add_counted_event


def _is_standard(execution: Any) -> bool:
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
    return machine.get("type") != "EXPRESS"
