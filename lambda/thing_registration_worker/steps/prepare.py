"""The first step of a Create or Update: nothing older runs, and the input file is there."""

import time

from thing_registration_worker.aws import cloudformation, s3
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import (
    nothing_registered,
    stack_does_not_wait,
    still_running,
)
from thing_registration_worker.request.input_check import check_input
from thing_registration_worker.request.request import Declaration, Request
from thing_registration_worker.run.run_parts import FILE
from thing_registration_worker.state.claim import Claim, take
from thing_registration_worker.state.moved_objects import move
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks, stop

# A stack in another status has given the creation up, or has ended.
CREATING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def prepare(step: Step) -> Outcome:
    """Supersede what runs, then copy the input file into the run's own folder.

    Raises:
        RegistrationError: AWS has not ended the superseded task before the deadline, the stack does
            not wait for this request any more, or the bucket or the input file cannot be used.
    """
    clients, request, progress = step.clients, step.request, step.progress
    declaration = request.declaration
    if not _supersede(step):
        return Outcome("Prepare", progress, wait=2)
    if not has_to_run(
        request, cloudformation.stack_status(clients.cloudformation, request.stack_id)
    ):
        return Outcome("Answer", progress)
    check_input(clients.s3, declaration)
    s3.copy(
        clients.s3,
        (declaration.input_bucket, declaration.input_key),
        (declaration.bucket, declaration.keys.work(request.request_id, FILE)),
        declaration.source_version_id,
    )
    return Outcome("Recover", progress)


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
