"""The step after a failure: leave nothing of this request running."""

import time
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.failure_reason import still_running
from thing_registration_worker.state.claim import LastStart, held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks, started, stop
from thing_registration_worker.timing import CANCEL_BUDGET


def abandon(step: Step) -> Outcome:
    """Stop our task, wait until it has ended, then keep its reports.

    Raises:
        RegistrationError: AWS has not ended the task within its budget.
    """
    now = time.time()
    progress = replace(step.progress, abandoned_at=step.progress.abandoned_at or now)
    try:
        start = _last_start(step, progress.abandoned_at)
    except Superseded:
        # The newer request stops our task.
        return Outcome("Answer", progress)
    task = _running(step, start)
    if task is not None:
        stop(step.clients, [task])
        progress = replace(progress, task_id=task.task_id)
        if now - progress.abandoned_at > CANCEL_BUDGET:
            raise RegistrationError(f"{progress.failure}; {still_running([task])}")
    if task is not None or (start is not None and not progress.task_id and start.is_open):
        return Outcome("Abandon", progress, wait=2)
    return Outcome("Finish" if progress.task_id else "Answer", progress)


def _last_start(step: Step, abandoned_at: float) -> LastStart | None:
    """Return the start of this request's task, if one was sent.

    Raises:
        Superseded: a newer request has the claim.
    """
    inputs, task_id = step.request.task_inputs, step.progress.task_id
    try:
        start = held(step).last_start
    except (ClientError, BotoCoreError) as error:
        # The task is to be stopped even if S3 does not answer: a start may have been sent just now.
        print(f"the claim cannot be read: {error}")
        key = f"{inputs}{step.progress.part_name}.jsonl"
        return LastStart(key, abandoned_at, task_id)
    return start if start is not None and start.input_key.startswith(inputs) else None


def _running(step: Step, start: LastStart | None) -> Task | None:
    """Return this request's task while it runs."""
    if start is None:
        return None
    clients, declaration = step.clients, step.request.declaration
    if start.task_id:
        task = started(clients, declaration, start)
        return task if task is not None and not task.has_ended else None
    running = running_tasks(clients, declaration, None)
    return next((task for task in running if task.key == start.input_key), None)
