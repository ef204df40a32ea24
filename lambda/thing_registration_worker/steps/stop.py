"""The step of a Delete: stop what runs, then clean up where the removal policy asks for it."""

import time
from dataclasses import replace

from botocore.exceptions import ClientError

from thing_registration_worker.aws import cloudformation, s3
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import still_running
from thing_registration_worker.state.claim import Claim, LastStart, take
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks
from thing_registration_worker.tasks.own_tasks import stop as stop_tasks
from thing_registration_worker.timing import OBJECTS_CALL_BUDGET

DELETING = "DELETE_IN_PROGRESS"


def stop(step: Step) -> Outcome:
    """Stop our task and wait until it has ended; then delete what is to be deleted.

    That are the devices, where all of them are to be deregistered, and then what we wrote, unless
    it is retained.

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
    is_to_deregister = _is_to_deregister(step)
    if not (declaration.empty_on_delete or is_to_deregister):
        return Outcome("Answer", progress)
    if now < claim.quiet_at:
        # What a call for an older request writes now would be left over.
        return Outcome("Stop", progress, wait=5)
    if is_to_deregister:
        return Outcome("Recover", progress)
    end = now + OBJECTS_CALL_BUDGET
    places = (*declaration.keys.written, declaration.keys.claim)
    if s3.empty(clients.s3, declaration.bucket, places, end):
        return Outcome("Answer", progress)
    # Look again before the answer, at the tasks too.
    return Outcome("Stop", replace(progress, emptying=True), wait=1)


def _is_to_deregister(step: Step) -> bool:
    """Return whether the devices are to be deleted, and are not yet.

    Only with their stack: in the clean-up of an update, another resource may have taken them over,
    and a rollback deletes nothing.
    """
    request, declaration, progress = step.request, step.request.declaration, step.progress
    if declaration.deregister != "ALL" or progress.has_deregistered or progress.emptying:
        return False
    inventory = s3.keys_below(step.clients.s3, declaration.bucket, declaration.keys.inventory)
    return any(inventory) and (
        cloudformation.stack_status(step.clients.cloudformation, request.stack_id) == DELETING
    )


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
