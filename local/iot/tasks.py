"""The registration tasks of every account and Region."""

from __future__ import annotations

import time

from local.emulator.scope import Scope
from local.iot import model
from local.iot.errors import ServiceError, not_found
from local.iot.requests import StartRequest
from local.iot.task import Task

_FOREIGN_REQUEST = StartRequest(
    template_body='{"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"x"}}}}',
    input_file_bucket="somebody-elses-bucket",
    input_file_key="somebody/elses/devices.jsonl",
    role_arn="arn:aws:iam::000000000000:role/SomebodyElse",
)


class Tasks:
    """Tasks by account and Region; one of them runs at a time.

    Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html ("Allowed registration
    tasks: 1"; "Registration task data retention: 30 days")
    """

    def __init__(self) -> None:
        self._tasks: dict[Scope, dict[str, Task]] = {}
        self._foreign: Task | None = None
        self._foreign_end = 0.0

    def add(self, task: Task, busy_code: str) -> None:
        """Take the account's slot for a task.

        Raises:
            ServiceError: another task runs. Which code AWS answers is UNCONFIRMED: `busy_code`.
        """
        if self.running(task.scope):
            raise ServiceError(
                busy_code,
                "The maximum number of registration tasks in progress has been reached: 1",
            )
        self._tasks.setdefault(task.scope, {})[task.id] = task

    def get(self, scope: Scope, task_id: str) -> Task:
        """A task of the account.

        Raises:
            ServiceError: there is none of that id (any more).
        """
        task = self._kept(scope).get(task_id)
        if task is None:
            raise not_found(f"Task {task_id} does not exist.")
        return task

    def find(self, scope: Scope, status: str | None) -> list[Task]:
        """The tasks of one status, or all of them, newest first (AWS's order is not documented)."""
        tasks = reversed(list(self._kept(scope).values()))
        return [task for task in tasks if status in (None, task.status)]

    def running(self, scope: Scope) -> Task | None:
        """The task that holds the slot."""
        return next((task for task in self._kept(scope).values() if task.running), None)

    def set_foreign(self, seconds: float, scope: Scope) -> None:
        """Let somebody else's task hold the slot for some seconds (0: end the one that does)."""
        if self._foreign is not None:
            self._foreign.end("Completed")
            self._foreign = None
        if seconds:
            task = Task(scope, _FOREIGN_REQUEST)
            self._tasks.setdefault(scope, {})[task.id] = task
            self._foreign = task
            self._foreign_end = time.time() + seconds

    def _end_foreign(self) -> None:
        if self._foreign is None:
            return
        if self._foreign.status == "Cancelling":
            self._foreign.end("Cancelled")
        elif time.time() >= self._foreign_end:
            self._foreign.end("Completed")

    def _kept(self, scope: Scope) -> dict[str, Task]:
        self._end_foreign()
        oldest = time.time() - model.RETENTION_SECONDS
        tasks = self._tasks.get(scope, {})
        for task in [task for task in tasks.values() if not task.running]:
            if task.modified < oldest:
                del tasks[task.id]
        return tasks
