"""The worker Lambda: does one step of the workflow per call.

The state machine decides nothing: each step says which is next. A failure that a step knows is such
a decision; a worker that dies is an error of the state machine, which retries and then catches it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import step_died
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.denied import come_back
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.run.run_parts import is_last_file
from thing_registration_worker.step import Outcome, Step, StepName
from thing_registration_worker.steps.abandon import abandon
from thing_registration_worker.steps.answer import answer
from thing_registration_worker.steps.compare import compare
from thing_registration_worker.steps.deregister import deregister
from thing_registration_worker.steps.finish import finish
from thing_registration_worker.steps.look_up import look_up
from thing_registration_worker.steps.observe import observe
from thing_registration_worker.steps.prepare import prepare
from thing_registration_worker.steps.provide import provide
from thing_registration_worker.steps.recover import recover
from thing_registration_worker.steps.start import start
from thing_registration_worker.steps.stop import stop

STEPS: dict[StepName, Callable[[Step], Outcome]] = {
    "Prepare": prepare,
    "Recover": recover,
    "Compare": compare,
    "Provide": provide,
    "LookUp": look_up,
    "Start": start,
    "Observe": observe,
    "Finish": finish,
    "Deregister": deregister,
    "Stop": stop,
    "Abandon": abandon,
    "Answer": answer,
}
# After a failure in these steps a task of ours may be running.
MAY_LEAVE_A_TASK: tuple[StepName, ...] = ("Start", "Observe")

clients = Clients()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do the step and return its outcome."""
    state = event["state"]
    step = Step(
        name=event["step"],
        request=Request.from_event(event["request"]),
        progress=_with_error(Progress.from_json(state["progress"]), state),
        clients=clients,
    )
    try:
        outcome = _done(step)
    except RegistrationError as failure:
        next_step: StepName = "Abandon" if step.name in MAY_LEAVE_A_TASK else "Answer"
        outcome = Outcome(next_step, replace(step.progress, failure=str(failure)))
    _log(step, outcome)
    return outcome.to_json()


def _done(step: Step) -> Outcome:
    """Do the step; where access is denied, come back to it later."""
    try:
        outcome = STEPS[step.name](step)
    except ClientError as error:
        if step.name in ("Stop", "Answer"):
            raise
        return come_back(step, error)
    return replace(outcome, progress=replace(outcome.progress, denied_since=0))


def _with_error(progress: Progress, state: dict[str, Any]) -> Progress:
    """Add what the state machine caught: the step before died."""
    error = state.get("error")
    if error is None:
        return progress
    died = step_died(progress.failure, error)
    # Where Answer itself died, a failure is sent, because it needs nothing from S3.
    if progress.judged and is_last_file(progress) and state.get("next") != "Answer":
        # What AWS has registered is not a failure because a report could not be saved.
        print(f"after the task was judged: {died}")
        return progress
    return replace(progress, failure=died)


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
