"""The step of a Delete: stop what runs, then clean up where the removal policy asks for it."""

import time

from aws import s3
from errors import RegistrationError
from failure_reason import still_running
from own_tasks import stop_ours
from step import Outcome, Step


def stop(step: Step) -> Outcome:
    """Stop our task and wait until it has ended; then empty our prefix, unless it is retained.

    Raises:
        RegistrationError: AWS has not ended the task before the deadline.
    """
    declaration, progress = step.request.declaration, step.progress
    running = stop_ours(step.clients, declaration)
    if running and time.time() > progress.deadline:
        raise RegistrationError(still_running(running))
    if running or time.time() < progress.unsettled_until:
        return Outcome("Stop", progress, wait=2)
    if declaration.empty_on_delete:
        s3.empty(step.clients.s3, declaration.bucket, declaration.keys.prefix)
    return Outcome("Answer", progress)
