"""The step that looks how far the task has come."""

import time

import registration_tasks
from failures import RegistrationError
from progress import Outcome, pace
from step import Step


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
        raise RegistrationError(
            f"registration task {task.task_id} was stopped at its timeout of "
            f"{step.request.declaration.timeout / 60:g} minutes, {task.percentage} % done: "
            f"{task.success_count} registered, {task.failure_count} failed"
        )
    until_deadline = max(1, round(step.progress.deadline - now))
    wait = min(pace(now - step.progress.started_at), until_deadline)
    return Outcome("Observe", step.progress, wait=wait)
