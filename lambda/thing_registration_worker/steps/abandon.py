"""The step after a failure: leave nothing of this request running."""

import time
from dataclasses import replace

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import still_running
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.head import Start
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks.own_tasks import running_tasks, started, stop
from thing_registration_worker.timing import CANCEL_BUDGET


def abandon(step: Step) -> Outcome:
    """Stop our task, wait until it has ended, then keep its reports.

    Raises:
        RegistrationError: AWS has not ended the task within its budget.
    """
    run = step.head.run if step.head is not None else Run()
    start = _start(step)
    task = _running(step, start)
    if task is not None:
        stop(step.clients, [task])
        if time.time() - step.call.since > CANCEL_BUDGET:
            raise RegistrationError(f"{step.call.failure}; {still_running([task])}")
        run = replace(run, task_id=task.task_id)
    if task is not None or (start is not None and not run.task_id and start.is_open):
        return Outcome("Abandon", run, wait=2)
    # What the task did is accounted for where the head can be read, or by the next deployment.
    return Outcome("Finish" if run.task_id and step.head is not None else "Answer", run)


def _start(step: Step) -> Start | None:
    """Return the start of this request's task, if one was sent."""
    inputs = step.request.task_inputs
    if step.head is None:
        # The task is to be stopped all the same: a start may have been sent just now.
        return Start("", step.call.since)
    start = step.head.start
    return start if start is not None and start.input_key.startswith(inputs) else None


def _running(step: Step, start: Start | None) -> Task | None:
    """Return this request's task while it runs."""
    if start is None:
        return None
    clients, declaration = step.clients, step.request.declaration
    if start.task_id:
        task = started(clients, declaration, start)
        return task if task is not None and not task.has_ended else None
    inputs = start.input_key or step.request.task_inputs
    running = running_tasks(clients, declaration, None)
    return next((task for task in running if task.key.startswith(inputs)), None)
