"""The registration tasks of every account and Region."""

from __future__ import annotations

import time

from local.iot import limits
from local.iot.errors import not_found
from local.iot.registration_task import RegistrationTask
from local.iot.requests import StartRequest
from local.ministack.scope import Scope

_FOREIGN_REQUEST = StartRequest(
    template_body='{"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"x"}}}}',
    input_file_bucket="somebody-elses-bucket",
    input_file_key="somebody/elses/devices.jsonl",
    role_arn="arn:aws:iam::000000000000:role/SomebodyElse",
)


class RegistrationTasks:
    """The tasks by account and Region; one of them runs at a time.

    Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html ("Allowed registration
    tasks: 1"; "Registration task data retention: 30 days")
    """

    def __init__(self) -> None:
        self._tasks: dict[Scope, dict[str, RegistrationTask]] = {}
        self._foreign: RegistrationTask | None = None
        self._foreign_end = 0.0

    def clear(self) -> None:
        """Forget all tasks."""
        self._tasks.clear()
        self._foreign = None

    def add(self, task: RegistrationTask) -> None:
        """Add a task, for which the slot of its account and Region must be free."""
        self._tasks.setdefault(task.scope, {})[task.id] = task

    def get(self, scope: Scope, task_id: str) -> RegistrationTask:
        """Return a task.

        Raises:
            ServiceError: no task has this id (any more).
        """
        task = self._kept(scope).get(task_id)
        if task is None:
            raise not_found(f"Task {task_id} does not exist.")
        return task

    def find(
        self, scope: Scope, status: str | None, lag_seconds: float = 0
    ) -> list[RegistrationTask]:
        """Return the tasks of one status, or all, newest first (the order is not documented).

        With a lag they are found as they were some seconds ago.
        """
        moment = time.time() - lag_seconds
        then = [(task, task.status_at(moment)) for task in self._kept(scope).values()]
        return [task for task, was in reversed(then) if was and status in (None, was)]

    def running(self, scope: Scope) -> RegistrationTask | None:
        """Return the task that holds the slot."""
        return next((task for task in self._kept(scope).values() if task.running), None)

    def last_end(self, scope: Scope) -> float | None:
        """Return when the last task ended, in epoch seconds."""
        ends = [task.modified for task in self._kept(scope).values() if not task.running]
        return max(ends, default=None)

    def is_foreign(self, task: RegistrationTask) -> bool:
        """Return whether a task is the one that a fault made."""
        return task is self._foreign

    def set_foreign(self, seconds: float, scope: Scope) -> None:
        """Let a foreign task hold the slot for some seconds (0: end the current one)."""
        if self._foreign is not None:
            self._foreign.end("Completed")
            self._foreign = None
        if seconds:
            task = RegistrationTask(scope, _FOREIGN_REQUEST)
            self._tasks.setdefault(scope, {})[task.id] = task
            self._foreign = task
            self._foreign_end = time.time() + seconds

    def _end_foreign(self) -> None:
        if self._foreign is None or not self._foreign.running:
            return
        if self._foreign.status == "Cancelling":
            self._foreign.end("Cancelled")
        elif time.time() >= self._foreign_end:
            self._foreign.end("Completed")

    def _kept(self, scope: Scope) -> dict[str, RegistrationTask]:
        self._end_foreign()
        oldest = time.time() - limits.RETENTION_SECONDS
        tasks = self._tasks.get(scope, {})
        for task in [task for task in tasks.values() if not task.running]:
            if task.modified < oldest:
                del tasks[task.id]
        return tasks
