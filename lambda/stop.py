"""The step of a Delete: stop what runs, then clean up where the removal policy says so."""

import time

import bucket
from failures import RegistrationError
from ours import not_ended, stop_ours
from progress import Outcome
from step import Step


def stop(step: Step) -> Outcome:
    """Stop our task and wait until it has ended; then empty our prefix, unless it is retained.

    Raises:
        RegistrationError: AWS has not ended the task before the deadline.
    """
    declaration, progress = step.request.declaration, step.progress
    running = stop_ours(step.clients, declaration)
    if running and time.time() > progress.deadline:
        raise RegistrationError(not_ended(running))
    if running or time.time() < progress.unsettled_until:
        return Outcome("Stop", progress, wait=2)
    if declaration.empty_on_delete:
        bucket.empty(step.clients.s3, declaration.bucket, declaration.key_prefix)
    return Outcome("Answer", progress)
