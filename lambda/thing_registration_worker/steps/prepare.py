"""The first step of a Create or Update: nothing older runs, and the input file is there."""

import time

from thing_registration_worker.aws import cloudformation, s3
from thing_registration_worker.errors import NotTheOwner, RegistrationError, StateTooNew
from thing_registration_worker.failure_reason import (
    bucket_gone,
    nothing_registered,
    stack_does_not_wait,
    still_running,
)
from thing_registration_worker.removal.retired_devices import has_to_bring_back
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.input_check import check_input
from thing_registration_worker.request.request import Request
from thing_registration_worker.state import moved
from thing_registration_worker.state.head import Head
from thing_registration_worker.state.taking import take
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks, stop

# A stack in another status has given the creation up, or has ended.
CREATING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def prepare(step: Step) -> Outcome:
    """Supersede what runs, then copy the input file into the run's own folder.

    Raises:
        RegistrationError: AWS has not ended the superseded task before the deadline, the stack does
            not wait for this request any more, the state belongs to another resource or was
            written by a later version, or the bucket or the input file cannot be used.
    """
    clients, request = step.clients, step.request
    declaration = request.declaration
    must_run = has_to_run(
        request, cloudformation.stack_status(clients.cloudformation, request.stack_id)
    )
    try:
        if not _supersede(step):
            step.check_time()
            return Outcome("Prepare", wait=2)
    except (NotTheOwner, StateTooNew) as error:
        if must_run:
            raise
        print(f"nothing is to be taken back: {error}")
        return Outcome("Answer")
    if not must_run:
        return Outcome("BringBack" if has_to_bring_back(step) else "Answer")
    if step.head is None:
        raise RegistrationError(nothing_registered(bucket_gone(declaration.bucket)))
    if time.time() < step.held.quiet_at:
        # A call for the request before may still be at work.
        return Outcome("Prepare", wait=5)
    check_input(clients.s3, declaration)
    s3.copy(
        clients.s3,
        (declaration.input_bucket, declaration.input_key),
        (declaration.bucket, declaration.keys.file(request.request_id)),
        declaration.source_version_id,
    )
    runner = {"runner": request.request_id, "runner_received_at": request.received_at}
    return Outcome("Recover", head=runner)


def has_to_run(request: Request, stack_status: str) -> bool:
    """Return whether this request is to be compared with what is registered.

    A rollback registers nothing: its file was registered before.

    Raises:
        RegistrationError: the stack does not wait for this creation any more.
    """
    # The event of a creation may have come when it was given up already.
    if request.kind == "Create" and stack_status not in CREATING:
        raise RegistrationError(stack_does_not_wait(stack_status))
    return "ROLLBACK" not in stack_status


def _supersede(step: Step) -> bool:
    """Take the head, stop the tasks of older requests, and move what an update has moved.

    Returns:
        Whether it is done; False while AWS ends a task, or one may still appear.
    """
    request = step.request
    head = take(step.clients.s3, request, request.declaration)
    step.head = head
    settled = _settle(step, request.declaration, head)
    old = request.moved_from
    if old is None or head is None:
        return settled
    old_head = take(step.clients.s3, request, old, make=False)
    settled = _settle(step, old, old_head) and settled
    # A call for the request before may still delete what it has moved.
    quiet_at = max(head.quiet_at, old_head.quiet_at if old_head else 0)
    return settled and time.time() >= quiet_at and moved.move(step, old, old_head)


def _settle(step: Step, declaration: Declaration, head: Head | None) -> bool:
    """Stop what runs in one place; return whether nothing runs, and nothing may still appear."""
    start = head.start if head else None
    running = running_tasks(step.clients, declaration, start)
    stop(step.clients, running)
    if running and time.time() > step.request.deadline:
        raise RegistrationError(nothing_registered(still_running(running)))
    return not running and not (start is not None and start.is_open)
