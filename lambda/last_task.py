"""The record of the last task that ran for a resource: AWS forgets a task after 30 days."""

import json
from dataclasses import asdict, dataclass

from aws import s3
from aws.clients import Clients
from aws.registration_tasks import Task
from request import Declaration, Request


@dataclass(frozen=True)
class LastTask:
    """What is kept of it; `succeeded` is the verdict against the tolerance."""

    task_id: str
    fingerprint: str
    status: str
    success_count: int
    failure_count: int
    succeeded: bool


def remember(clients: Clients, request: Request, task: Task, *, succeeded: bool = False) -> None:
    """Write the record of the task that the request has run."""
    record = LastTask(
        task.task_id,
        request.fingerprint,
        task.status,
        task.success_count,
        task.failure_count,
        succeeded,
    )
    write(clients, request.declaration, record)


def write(clients: Clients, declaration: Declaration, record: LastTask) -> None:
    """Write a record that there is already."""
    body = json.dumps(asdict(record)).encode()
    s3.write(clients.s3, declaration.bucket, declaration.keys.last_task, body)


def recall(clients: Clients, declaration: Declaration) -> LastTask | None:
    """Read the record; None before the first task, or when someone has removed it."""
    body = s3.read(clients.s3, declaration.bucket, declaration.keys.last_task)
    return None if body is None else LastTask(**json.loads(body))
