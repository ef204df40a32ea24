"""The first step of a Create or Update: is there anything to run, and is all it needs there?"""

import time
from dataclasses import replace

from botocore.exceptions import ClientError

import last_task
from aws import cloudformation, registry, s3
from claim import Claim, take
from errors import RegistrationError
from failure_reason import (
    access_denied,
    nothing_registered,
    prerequisites_missing,
    stack_does_not_wait,
    still_running,
)
from input_check import check_input
from last_task import LastTask
from moved_objects import move
from own_tasks import running_tasks, start_call, stop
from request import Declaration, Request
from step import Outcome, Step
from timing import DENIED_BUDGET

# A stack in another status has given the creation up, or has ended.
CREATING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def prepare(step: Step) -> Outcome:
    """Supersede what runs, then copy the input to where the task may read it.

    Raises:
        RegistrationError: AWS has not ended the superseded task before the deadline, the stack does
            not wait for this request any more, or something that the task needs is missing.
    """
    request, progress = step.request, step.progress
    try:
        if not _supersede(step):
            return Outcome("Prepare", progress, wait=2)
        status = cloudformation.stack_status(step.clients.cloudformation, request.stack_id)
        if not has_to_run(request, last_task.recall(step.clients, request.declaration), status):
            return Outcome("Answer", progress)
        start_call(request)
        lines = _provide_input(step)
    except ClientError as error:
        return _denied(step, error)
    return Outcome("Start", replace(progress, lines=lines, denied_since=0))


def _supersede(step: Step) -> bool:
    """Take the claim, stop the tasks of older requests, and move what an update has moved.

    Returns:
        Whether it is done; False while AWS ends a task, or one may still appear.
    """
    request = step.request
    settled = _settle(step, request.declaration, take(step, request.declaration))
    old = request.moved_from
    if old is None:
        return settled
    old_claim = take(step, old)
    settled = _settle(step, old, old_claim) and settled
    return settled and move(step.clients, request, old, old_claim)


def _settle(step: Step, declaration: Declaration, claim: Claim) -> bool:
    """Stop what runs in one place; return whether nothing runs, and nothing may still appear."""
    running = running_tasks(step.clients, declaration, claim.last_start)
    stop(step.clients, running)
    if running and time.time() > step.progress.deadline:
        raise RegistrationError(nothing_registered(still_running(running)))
    return not running and not (claim.last_start is not None and claim.last_start.is_open)


def _provide_input(step: Step) -> int:
    """Check and copy the input, ask for the prerequisites, and return the number of lines."""
    clients, declaration = step.clients, step.request.declaration
    source = (declaration.input_bucket, declaration.input_key)
    check_input(clients.s3, declaration)
    missing = registry.missing(clients.iot, declaration.prerequisite_names)
    if missing:
        raise RegistrationError(prerequisites_missing(missing))
    s3.copy(clients.s3, source, (declaration.bucket, step.request.task_input_key))
    return declaration.lines or s3.count_lines(clients.s3, *source)


def _denied(step: Step, error: ClientError) -> Outcome:
    """Come back later where access is denied: a new policy is not known everywhere at once.

    Raises:
        ClientError: it is another error.
        RegistrationError: access has been denied for the whole budget.
    """
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) != 403:
        raise error
    now = time.time()
    since = step.progress.denied_since or now
    print(f"access is denied, trying again: {error}")
    if now - since > DENIED_BUDGET or now > step.progress.deadline:
        raise RegistrationError(nothing_registered(access_denied(now - since, str(error))))
    return Outcome("Prepare", replace(step.progress, denied_since=since), wait=5)


def has_to_run(request: Request, last: LastTask | None, stack_status: str) -> bool:
    """Return whether this request needs a task.

    A rollback registers nothing: its file was registered before, and a certificate signing request
    that is registered twice is two certificates. For the same reason, what the last task has
    already registered is not registered again when a rolled-back update is deployed once more.

    Raises:
        RegistrationError: the stack does not wait for this creation any more.
    """
    rolling_back = "ROLLBACK" in stack_status
    if request.kind == "Create":
        # Its event may have come when the creation was given up already.
        if stack_status not in CREATING:
            raise RegistrationError(stack_does_not_wait(stack_status))
        return True
    if rolling_back:
        return False
    if last is not None and last.fingerprint == request.fingerprint:
        return not last.succeeded
    return request.fingerprint != request.old_fingerprint
