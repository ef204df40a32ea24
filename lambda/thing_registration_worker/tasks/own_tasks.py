"""Which registration tasks are ours, how one is started, found, and stopped.

Ours is a task whose input lies in our bucket under our prefix for inputs. No other task is ever
touched.
"""

from collections.abc import Iterable

from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.aws.registration_tasks import ENDED, RUNNING, Start, Task
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.parts import file_name
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.head import Start as SentStart
from thing_registration_worker.state.lines import KNOWN


def is_ours(task: Task, declaration: Declaration) -> bool:
    """Return whether the task reads an input of this resource."""
    return task.bucket == declaration.bucket and task.key.startswith(declaration.keys.inputs)


def start_call(request: Request, run: Run) -> Start:
    """Return the call that starts the task of one file of a part, checked.

    Raises:
        ConstraintError: a member is outside AWS's limits.
    """
    declaration = request.declaration
    template = declaration.template
    return Start(
        template_body=template.for_known if run.file == KNOWN else template.for_new,
        bucket=declaration.bucket,
        key=declaration.keys.input(request.request_id, file_name(run)),
        role_arn=declaration.role_arn,
    )


def started(clients: Clients, declaration: Declaration, start: SentStart) -> Task | None:
    """Find the task of a start: by its id, or by its input key where AWS's answer was lost."""
    if start.task_id:
        return registration_tasks.find(clients.iot, start.task_id)
    listed = registration_tasks.tasks(clients.iot, RUNNING + ENDED)
    ours = (task for task in listed if is_ours(task, declaration))
    return next((task for task in ours if task.key == start.input_key), None)


def running_tasks(
    clients: Clients, declaration: Declaration, start: SentStart | None
) -> list[Task]:
    """Return every task of ours that has not ended; the lists may not show that of `start` yet."""
    running = {
        task.task_id: task
        for task in registration_tasks.tasks(clients.iot, RUNNING)
        if is_ours(task, declaration)
    }
    if start is not None and start.task_id and start.task_id not in running:
        task = registration_tasks.find(clients.iot, start.task_id)
        if task is not None and not task.has_ended:
            running[task.task_id] = task
    return list(running.values())


def stop(clients: Clients, running: Iterable[Task]) -> None:
    """Stop the tasks that are not being cancelled already."""
    for task in running:
        if task.status == "InProgress":
            registration_tasks.stop(clients.iot, task.task_id)
