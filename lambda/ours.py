"""Which registration tasks are ours, and stopping them.

Ours is a task whose input lies in our bucket under our prefix. No other task is ever touched.
"""

import registration_tasks
from clients import Clients
from registration_tasks import Task
from request import Declaration


def is_ours(task: Task, declaration: Declaration) -> bool:
    """Return whether the task reads an input of this resource."""
    return task.bucket == declaration.bucket and task.key.startswith(declaration.key_prefix)


def not_ended(running: list[Task]) -> str:
    """Return what to tell of tasks that AWS does not end."""
    names = ", ".join(f"{task.task_id} ({task.status})" for task in running)
    return f"stopping was asked for, but AWS still runs {names}"


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
