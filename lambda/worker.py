"""The worker Lambda: one step of the workflow a call.

The state machine decides nothing: each step says which is next. A failure that a step knows is such
a decision; a worker that dies is an error of the state machine, which retries and then catches it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from abandon import abandon
from answer import answer
from clients import Clients
from failures import RegistrationError
from finish import finish
from observe import observe
from prepare import prepare
from progress import Outcome, Progress
from request import Request
from start import start
from step import Step
from stop import stop

STEPS: dict[str, Callable[[Step], Outcome]] = {
    "Prepare": prepare,
    "Start": start,
    "Observe": observe,
    "Finish": finish,
    "Stop": stop,
    "Abandon": abandon,
    "Answer": answer,
}
# After a failure in these a task of ours may run.
MAY_LEAVE_A_TASK = ("Start", "Observe")

clients = Clients()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do the step and return its outcome."""
    state = event["state"]
    step = Step(
        name=event["step"],
        request=Request.from_event(event["request"]),
        progress=_with_error(Progress.from_json(state["progress"]), state.get("error")),
        clients=clients,
        entered_at=datetime.fromisoformat(event["entered"].replace("Z", "+00:00")).timestamp(),
        retries=event["retries"],
    )
    try:
        outcome = STEPS[step.name](step)
    except RegistrationError as failure:
        next_step = "Abandon" if step.name in MAY_LEAVE_A_TASK else "Answer"
        outcome = Outcome(next_step, replace(step.progress, failure=str(failure)))
    _log(step, outcome)
    return outcome.to_json()


def _with_error(progress: Progress, error: dict[str, str] | None) -> Progress:
    """Take in what the state machine caught: the step before died, and may have started a task."""
    if error is None:
        return progress
    try:
        cause = json.loads(error["Cause"])["errorMessage"]
    except (ValueError, KeyError, TypeError):
        cause = error.get("Cause", "")
    died = f"a step of the registration died: {error['Error']}: {cause}"
    failure = f"{progress.failure}; {died}" if progress.failure else died
    return replace(progress, failure=failure, maybe_started=True)


def _log(step: Step, outcome: Outcome) -> None:
    keys = {
        "requestId": step.request.request_id,
        "resource": step.request.logical_id,
        "step": step.name,
        "next": outcome.next_step,
        "wait": outcome.wait,
        "taskId": outcome.progress.task_id,
        "failure": outcome.progress.failure,
    }
    # AWS's message may be cut inside a surrogate pair, which cannot be printed.
    print(json.dumps(keys, ensure_ascii=False).encode(errors="replace").decode())
