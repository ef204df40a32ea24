"""The step that looks how far the task has come."""

import time

from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import timed_out
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import poll_wait


def observe(step: Step) -> Outcome:
    """Look again later while the task runs, until the deadline.

    Raises:
        RegistrationError: the deadline has passed.
    """
    task = registration_tasks.describe(step.clients.iot, step.progress.task_id)
    if task.has_ended:
        return Outcome("Finish", step.progress)
    now = time.time()
    if now > step.progress.deadline:
        raise RegistrationError(timed_out(task, step.request.declaration.timeout))
    until_deadline = max(1, round(step.progress.deadline - now))
    wait = min(poll_wait(now - step.progress.started_at), until_deadline)
    return Outcome("Observe", step.progress, wait=wait)
