"""The step after a failure: leave nothing of ours running."""

import time
from dataclasses import replace

from errors import RegistrationError
from failure_reason import still_running
from own_tasks import stop_ours
from step import Outcome, Step
from timing import CANCEL_BUDGET, LOST_START_BUDGET


def abandon(step: Step) -> Outcome:
    """Stop our task, wait until it has ended, then keep its reports.

    Raises:
        RegistrationError: AWS has not ended the task within its budget.
    """
    now = time.time()
    progress = replace(step.progress, abandoned_at=step.progress.abandoned_at or now)
    running = stop_ours(step.clients, step.request.declaration)
    for task in running:
        if task.key == step.request.task_input_key:
            progress = replace(progress, task_id=task.task_id)
    if running and now - progress.abandoned_at > CANCEL_BUDGET:
        raise RegistrationError(f"{progress.failure}; {still_running(running)}")
    unsettled = not progress.task_id and progress.maybe_started_at
    if running or (unsettled and now - progress.abandoned_at < LOST_START_BUDGET):
        return Outcome("Abandon", progress, wait=2)
    return Outcome("Finish" if progress.task_id else "Answer", progress)
