"""Which registration tasks are ours, how one is started, and how they are stopped.

Ours is a task whose input lies in our bucket under our prefix. No other task is ever touched.
"""

from aws import registration_tasks
from aws.clients import Clients
from aws.registration_tasks import Start, Task
from request import Declaration, Request


def is_ours(task: Task, declaration: Declaration) -> bool:
    """Return whether the task reads an input of this resource."""
    return task.bucket == declaration.bucket and task.key.startswith(declaration.keys.prefix)


def start_call(request: Request) -> Start:
    """Return the call that starts this request's task, checked.

    Raises:
        ConstraintError: a member is outside AWS's limits.
    """
    declaration = request.declaration
    return Start(
        template_body=declaration.template_body,
        bucket=declaration.bucket,
        key=request.task_input_key,
        role_arn=declaration.role_arn,
    )


def stop_ours(clients: Clients, declaration: Declaration) -> list[Task]:
    """Stop every running task of ours and return those that have not ended yet."""
    running = [
        task
        for task in registration_tasks.tasks(clients.iot, registration_tasks.RUNNING)
        if is_ours(task, declaration)
    ]
    for task in running:
        if task.status == "InProgress":
            registration_tasks.stop(clients.iot, task.task_id)
    return running
