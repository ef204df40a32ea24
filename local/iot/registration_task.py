"""A registration task and its description."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from local.iot import limits
from local.iot.requests import StartRequest
from local.ministack.scope import Scope

ENDED = ("Completed", "Failed", "Cancelled")


@dataclass
class RegistrationTask:
    """One task. Only its runner changes it, except for `cancel`."""

    scope: Scope
    request: StartRequest
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "InProgress"
    message: str | None = None
    successes: int = 0
    failures: int = 0
    percentage: int = 0
    created: float = field(default_factory=time.time)
    modified: float = field(default_factory=time.time)
    reports: dict[str, list[str]] = field(
        default_factory=lambda: {kind: [] for kind in limits.REPORT_TYPES}
    )

    @property
    def running(self) -> bool:
        """Return whether the task still holds the account's one slot."""
        return self.status not in ENDED

    def cancel(self) -> None:
        """Ask the runner to end before the next line; no effect on a task that has ended."""
        if self.status == "InProgress":
            self.status = "Cancelling"
            self.modified = time.time()

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
        self.status = status
        self.message = message[: limits.MAX_MESSAGE_CHARS] if message else None
        if status == "Completed":
            self.percentage = 100
        self.modified = time.time()

    def description(self) -> dict[str, object]:
        """Return the answer of DescribeThingRegistrationTask, dates in seconds since 1970.

        Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThingRegistrationTask.html
        """
        described: dict[str, object] = {
            "taskId": self.id,
            "creationDate": round(self.created, 3),
            "lastModifiedDate": round(self.modified, 3),
            "templateBody": self.request.template_body,
            "inputFileBucket": self.request.input_file_bucket,
            "inputFileKey": self.request.input_file_key,
            "roleArn": self.request.role_arn,
            "status": self.status,
            "successCount": self.successes,
            "failureCount": self.failures,
            "percentageProgress": self.percentage,
        }
        if self.message is not None:
            described["message"] = self.message
        return described
