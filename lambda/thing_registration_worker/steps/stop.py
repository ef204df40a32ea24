"""The step of a Delete: stop what runs, then clean up where the removal policy asks for it."""

import time
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws import cloudformation, s3_deletion
from thing_registration_worker.errors import (
    NotTheOwner,
    RegistrationError,
    StateTooNew,
    UnreadableHead,
)
from thing_registration_worker.failure_reason import deletion_not_in_time, still_running
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.removal.retired_devices import has_to_bring_back
from thing_registration_worker.state.head import Head, Start
from thing_registration_worker.state.taking import take
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks
from thing_registration_worker.tasks.own_tasks import stop as stop_tasks

DELETING = "DELETE_IN_PROGRESS"


def stop(step: Step) -> Outcome:
    """Stop our task and wait until it has ended; then delete what is to be deleted.

    That are the devices, where all of them are to be deregistered, and then what we wrote, unless
    it is retained. What belongs to another resource is left as it is.

    Raises:
        RegistrationError: AWS has not ended the task before the deadline.
    """
    clients, declaration = step.clients, step.request.declaration
    try:
        start = _take(step)
    except NotTheOwner as error:
        print(f"nothing is to be deleted: {error}")
        return Outcome("Answer")
    except StateTooNew as error:
        if declaration.deregister == "ALL":
            raise
        print(f"nothing is deleted: {error}")
        return Outcome("Answer")
    running = running_tasks(clients, declaration, start)
    stop_tasks(clients, running)
    if running and time.time() > step.request.deadline:
        raise RegistrationError(still_running(running))
    if running or (start is not None and start.is_open):
        return Outcome("Stop", wait=2)
    head = step.head
    if head is not None and not head.run.is_emptying:
        return _clean_up(step, head)
    return _empty(step) if declaration.empty_on_delete else Outcome("Answer")


def _clean_up(step: Step, head: Head) -> Outcome:
    """Decide what is taken back, given back, deregistered or deleted."""
    request, declaration = step.request, step.request.declaration
    status = cloudformation.stack_status(step.clients.cloudformation, request.stack_id)
    is_rollback = "ROLLBACK" in status
    if is_rollback and has_to_bring_back(step):
        return Outcome("BringBack")
    if is_rollback and head.taken_from is not None:
        # A take-over that is rolled back: the fleet is again whose it was.
        return Outcome("Answer", head={"owner": head.taken_from, "taken_from": None})
    is_to_deregister = (
        declaration.deregister == "ALL"
        and not head.run.has_deregistered
        and status == DELETING
        and (head.start is not None or _has_made(step, head))
    )
    if not (declaration.empty_on_delete or is_to_deregister):
        return Outcome("Answer")
    if time.time() < head.quiet_at:
        # What a call for an older request writes now would be left over.
        return Outcome("Stop", wait=5)
    return Outcome("Recover") if is_to_deregister else _empty(step)


def _has_made(step: Step, head: Head) -> bool:
    claimed = step.request.declaration.claim_existing
    return head.state is not None and bool(leaving_devices.made(step.db, claimed=claimed))


def _empty(step: Step) -> Outcome:
    """Delete what we wrote, the head last."""
    declaration = step.request.declaration
    if time.time() > step.request.deadline:
        raise RegistrationError(deletion_not_in_time())
    if step.head is not None and not step.head.run.is_emptying:
        step.commit(replace(step.head.run, is_emptying=True))
    if not s3_deletion.empty(
        step.clients.s3, declaration.bucket, declaration.keys.written, step.end
    ):
        # Look again before the answer, at the tasks too.
        return Outcome("Stop", wait=1)
    if s3_deletion.empty(step.clients.s3, declaration.bucket, (declaration.keys.head,), step.end):
        return Outcome("Answer")
    step.head = None
    return Outcome("Stop", wait=1)


def _take(step: Step) -> Start | None:
    """Take the head, unless it is deleted already; return the start that may be under way.

    Raises:
        NotTheOwner, StateTooNew, Superseded: the head is not ours to take.
    """
    try:
        step.head = take(step.clients.s3, step.request, step.request.declaration, make=False)
    except (ClientError, BotoCoreError, UnreadableHead) as error:
        # The tasks are to be stopped even if S3 does not answer.
        print(f"the head cannot be taken: {error}")
        step.head = None
        return Start("", step.call.since)
    return step.head.start if step.head is not None else None
