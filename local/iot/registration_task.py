"""A registration task and its description."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field

from local.iot import limits
from local.iot.requests import StartRequest
from local.ministack.scope import Scope

ENDED = ("Completed", "Failed", "Cancelled")


@dataclass
class RegistrationTask:
    """One task. Only its runner changes it, except for `cancel`.

    `reported_successes` and `reported_failures`: what an ended task is described with, if a fault
    asks for other counts than the true ones.
    """

    scope: Scope
    request: StartRequest
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "InProgress"
    message: str | None = None
    successes: int = 0
    failures: int = 0
    reported_successes: int | None = None
    reported_failures: int | None = None
    percentage: int = 0
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)
    reports: dict[str, list[str]] = field(
        default_factory=lambda: {kind: [] for kind in limits.REPORT_TYPES}
    )

    def __post_init__(self) -> None:
        self._history = [(self.created, self.status)]
        self._was_cancelled = asyncio.Event()

    @property
    def running(self) -> bool:
        """Return whether the task still holds the account's one slot."""
        return self.status not in ENDED

    def status_at(self, moment: float) -> str | None:
        """Return the status at a time (epoch seconds), None before the task's creation."""
        found = None
        for since, status in self._history:
            if since <= moment:
                found = status
        return found

    def cancel(self) -> None:
        """Ask the runner to end before the next line; no effect on a task that has ended."""
        if self.status == "InProgress":
            self._change("Cancelling")
            self._was_cancelled.set()

    async def cancelled(self) -> None:
        """Wait until somebody cancels the task."""
        await self._was_cancelled.wait()

    def count(self, *, success: bool, percentage: int) -> None:
        """Record the outcome of one line."""
        if success:
            self.successes += 1
        else:
            self.failures += 1
        self.percentage = percentage
        self.modified = time.time()

    def end(self, status: str, message: str | None = None) -> None:
        """Record the end of the task."""
        self.message = message[: limits.MAX_MESSAGE_CHARS] if message else None
        if status == "Completed":
            self.percentage = 100
        self._change(status)

    def description(self, *, live_counts: bool = True) -> dict[str, object]:
        """Return the answer of DescribeThingRegistrationTask, dates in seconds since 1970.

        Without live counts, those of a running task are 0.

        Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThingRegistrationTask.html
        """
        successes, failures = self.successes, self.failures
        if not self.running:
            successes = _first(self.reported_successes, successes)
            failures = _first(self.reported_failures, failures)
        counted = live_counts or not self.running
        described: dict[str, object] = {
            "taskId": self.id,
            "creationDate": round(self.created, 3),
            "lastModifiedDate": round(self.modified, 3),
            "templateBody": self.request.template_body,
            "inputFileBucket": self.request.input_file_bucket,
            "inputFileKey": self.request.input_file_key,
            "roleArn": self.request.role_arn,
            "status": self.status,
            "successCount": successes if counted else 0,
            "failureCount": failures if counted else 0,
            "percentageProgress": self.percentage if counted else 0,
        }
        if self.message is not None:
            described["message"] = self.message
        return described

    def _change(self, status: str) -> None:
        self.status = status
        self.modified = time.time()
        self._history.append((self.modified, status))


def _first(reported: int | None, true: int) -> int:
    return true if reported is None else reported
