"""The record of the last run of a resource: what its attributes are read from."""

import json
from dataclasses import asdict, dataclass

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.request.request import Declaration


@dataclass(frozen=True)
class LastRun:
    """What a run came to. The task is the last one that ran, perhaps in an earlier run.

    Attributes:
        request_id: the request whose run it was.
        task_id: the last registration task; empty before the first.
        status: the status of that task.
        succeeded: how many devices the run registered.
        failed: how many devices it failed to register.
        registered: how many devices are in the inventory.
        unchanged: how many devices were not sent because nothing changed.
        removed: how many are registered, but no longer in the file.
    """

    request_id: str
    task_id: str = ""
    status: str = ""
    succeeded: int = 0
    failed: int = 0
    registered: int = 0
    unchanged: int = 0
    removed: int = 0


def write(clients: Clients, declaration: Declaration, record: LastRun) -> None:
    """Write the record."""
    body = json.dumps(asdict(record)).encode()
    s3.write(clients.s3, declaration.bucket, declaration.keys.last_run, body)


def begin(clients: Clients, declaration: Declaration, record: LastRun) -> None:
    """Write the first record, unless there is one."""
    body = json.dumps(asdict(record)).encode()
    s3.write_if(clients.s3, declaration.bucket, declaration.keys.last_run, body, "")


def recall(clients: Clients, declaration: Declaration) -> LastRun | None:
    """Read the record; None before the first run, or when someone has removed it."""
    body = s3.read(clients.s3, declaration.bucket, declaration.keys.last_run)
    return None if body is None else LastRun(**json.loads(body))
