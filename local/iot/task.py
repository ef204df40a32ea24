"""A registration task and what DescribeThingRegistrationTask says of it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from local.emulator.scope import Scope
from local.iot import model
from local.iot.requests import StartRequest

ENDED = ("Completed", "Failed", "Cancelled")


@dataclass
class Task:
    """One task. Its worker alone changes it, but for `cancel`."""

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
        default_factory=lambda: {kind: [] for kind in model.REPORT_TYPES}
    )

    @property
    def running(self) -> bool:
        """Whether the task still holds the account's one slot."""
        return self.status not in ENDED

    def cancel(self) -> None:
        """Ask the worker to end at the next line; a task that has ended stays as it is."""
        if self.status == "InProgress":
            self.status = "Cancelling"
            self.modified = time.time()

    def count(self, *, success: bool, percentage: int) -> None:
        """Record that a line has been dealt with."""
        if success:
            self.successes += 1
        else:
            self.failures += 1
        self.percentage = percentage
        self.modified = time.time()

    def end(self, status: str, message: str | None = None) -> None:
        """The task is over."""
        self.status = status
        self.message = message[: model.MAX_MESSAGE_CHARS] if message else None
        if status == "Completed":
            self.percentage = 100
        self.modified = time.time()

    def description(self) -> dict[str, object]:
        """The answer of DescribeThingRegistrationTask; dates in seconds since 1970.

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
