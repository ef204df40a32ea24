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
    run, request = step.run, step.request
    task = registration_tasks.describe(step.clients.iot, run.task_id)
    if task.has_ended:
        return Outcome("Finish", run)
    now = time.time()
    if now > request.deadline:
        raise RegistrationError(timed_out(task, request.declaration.timeout))
    until_deadline = max(1, round(request.deadline - now))
    wait = min(poll_wait(now - run.started_at), until_deadline)
    return Outcome("Observe", run, wait=wait)
