"""The step after a failure: leave nothing of ours running."""

import time
from dataclasses import replace

from failures import RegistrationError
from ours import not_ended, stop_ours
from progress import Outcome
from start import SETTLE
from step import Step

# How long AWS may take to cancel a task before the answer is given without its end.
PATIENCE = 180


def abandon(step: Step) -> Outcome:
    """Stop our task, wait until it has ended, then keep its reports."""
    now = time.time()
    progress = replace(step.progress, abandoned_at=step.progress.abandoned_at or now)
    running = stop_ours(step.clients, step.request.declaration)
    for task in running:
        if task.key == step.request.input_key:
            progress = replace(progress, task_id=task.task_id)
    if running and now - progress.abandoned_at > PATIENCE:
        raise RegistrationError(f"{progress.failure}; {not_ended(running)}")
    unsettled = not progress.task_id and progress.maybe_started
    if running or (unsettled and now - progress.abandoned_at < SETTLE):
        return Outcome("Abandon", progress, wait=2)
    return Outcome("Finish" if progress.task_id else "Answer", progress)
