"""What a resource's last run came to: its attributes are read from it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LastRun:
    """What a run came to. The task is the last one that ran, perhaps in an earlier run.

    Attributes:
        request_id: the request whose run it was; empty before the first.
        task_id: the last registration task; empty before the first.
        status: the status of that task.
        succeeded: how many devices the run registered.
        failed: how many devices it failed to register.
        registered: how many devices are registered.
        unchanged: how many devices were not sent because nothing changed.
        removed: how many are registered, but no longer in the file.
    """

    request_id: str = ""
    task_id: str = ""
    status: str = ""
    succeeded: int = 0
    failed: int = 0
    registered: int = 0
    unchanged: int = 0
    removed: int = 0
