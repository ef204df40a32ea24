"""The step of a Delete: stop what runs, then clean up where the removal policy asks for it."""

import time
from dataclasses import replace

from botocore.exceptions import ClientError

from aws import s3
from claim import Claim, LastStart, take
from errors import RegistrationError
from failure_reason import still_running
from own_tasks import running_tasks
from own_tasks import stop as stop_tasks
from step import Outcome, Step
from timing import OBJECTS_CALL_BUDGET


def stop(step: Step) -> Outcome:
    """Stop our task and wait until it has ended; then delete what we wrote, unless it is retained.

    Raises:
        RegistrationError: AWS has not ended the task before the deadline.
    """
    clients, declaration, progress = step.clients, step.request.declaration, step.progress
    now = time.time()
    claim = _claim(step)
    running = running_tasks(clients, declaration, claim.last_start)
    stop_tasks(clients, running)
    if running and now > progress.deadline:
        raise RegistrationError(still_running(running))
    if running or (claim.last_start is not None and claim.last_start.is_open):
        return Outcome("Stop", progress, wait=2)
    if not declaration.empty_on_delete:
        return Outcome("Answer", progress)
    if now < claim.quiet_at:
        # What a call for an older request writes now would be left over.
        return Outcome("Stop", progress, wait=5)
    end = now + OBJECTS_CALL_BUDGET
    places = (*declaration.keys.written, declaration.keys.claim)
    if s3.empty(clients.s3, declaration.bucket, places, end):
        return Outcome("Answer", progress)
    # Look again before the answer, at the tasks too.
    return Outcome("Stop", replace(progress, emptying=True), wait=1)


def _claim(step: Step) -> Claim:
    """Take the claim, unless it is being deleted with the rest; a bucket may be gone already."""
    received_at = step.progress.received_at
    nothing = Claim(step.request.request_id, received_at)
    if step.progress.emptying:
        return nothing
    try:
        return take(step, step.request.declaration)
    except ClientError as error:
        print(f"the claim cannot be taken: {error}")
        return replace(nothing, last_start=LastStart("", received_at))
