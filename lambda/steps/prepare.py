"""The first step of a Create or Update: is there anything to run, and is all it needs there?"""

import time
from dataclasses import replace

from botocore.exceptions import ClientError

import last_task
from aws import cloudformation, registry, s3
from errors import RegistrationError
from failure_reason import (
    access_denied,
    nothing_registered,
    prerequisites_missing,
    still_running,
)
from input_check import check_input
from last_task import LastTask
from own_tasks import start_call, stop_ours
from request import Request
from step import Outcome, Step
from timing import DENIED_BUDGET


def prepare(step: Step) -> Outcome:
    """Supersede what runs, then copy the input to where the task may read it.

    Raises:
        RegistrationError: AWS has not ended the superseded task before the deadline, or something
            that the new one needs is missing.
    """
    clients, request, declaration = step.clients, step.request, step.request.declaration
    running = stop_ours(clients, declaration)
    if running and time.time() > step.progress.deadline:
        raise RegistrationError(nothing_registered(still_running(running)))
    if running or time.time() < step.progress.unsettled_until:
        return Outcome("Prepare", step.progress, wait=2)
    rolling_back = request.kind == "Update" and cloudformation.is_rolling_back(
        clients.cloudformation, request.stack_id
    )
    if not has_to_run(request, last_task.recall(clients, request), rolling_back=rolling_back):
        return Outcome("Answer", step.progress)
    start_call(request)
    try:
        lines = _provide_input(step)
    except ClientError as error:
        return _denied(step, error)
    return Outcome("Start", replace(step.progress, lines=lines, denied_since=0))


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


def has_to_run(request: Request, last: LastTask | None, *, rolling_back: bool) -> bool:
    """Return whether this request needs a task.

    A rollback registers nothing: its file was registered before, and a certificate signing request
    that is registered twice is two certificates. For the same reason, what the last task has
    already registered is not registered again when a rolled-back update is deployed once more.
    """
    if request.kind == "Create":
        return True
    if rolling_back:
        return False
    if last is not None and last.fingerprint == request.fingerprint:
        return not last.succeeded
    return request.fingerprint != request.old_fingerprint
