"""Registration tasks: started, waited for, and their reports read."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.verify_aws.clients import Clients
from tools.verify_aws.waiting import wait_for
from tools.verify_aws.workspace import Workspace

ENDED = ("Completed", "Failed", "Cancelled")
KINDS = ("RESULTS", "ERRORS")
THING = {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "ThingName"}}}


class TaskNotEnded(Exception):
    """A registration task did not end in time.

    Args:
        task_id: the task.
        seconds: how long it was waited for.
    """

    def __init__(self, task_id: str, seconds: float) -> None:
        super().__init__(f"registration task {task_id} has not ended after {seconds:.0f} s")
        self.task_id = task_id
        self.seconds = seconds


@dataclass(frozen=True)
class Reports:
    """The reports' lines as they came, and the links by their kind."""

    links: dict[str, list[str]]
    lines: dict[str, list[str]]

    def has(self, thing: str) -> bool:
        """Return whether RESULTS has a line for a thing."""
        return any(f':thing/{thing}"' in line for line in self.lines["RESULTS"])


@dataclass(frozen=True)
class EndedTask:
    """A task that has ended: its description, how long it ran, its reports."""

    description: dict[str, Any]
    seconds: float
    reports: Reports

    def outcome(self, thing: str) -> str:
        """Return what became of the line of a thing."""
        if self.description["status"] != "Completed":
            return f"the task ends {self.description['status']}"
        return "registered" if self.reports.has(thing) else "the line fails"

    @property
    def evidence(self) -> dict[str, Any]:
        """Return what AWS said about it."""
        known = ("status", "message", "successCount", "failureCount", "percentageProgress")
        described = {name: self.description[name] for name in known if name in self.description}
        return {"described": described, **self.reports.lines}


def template(parameters: Sequence[str], **resources: Any) -> dict[str, Any]:
    """Return a template with a thing and more resources; a `thing` takes the place of it."""
    return {
        "Parameters": {name: {"Type": "String"} for name in ("ThingName", *parameters)},
        "Resources": {"thing": THING, **resources},
    }


def start(
    workspace: Workspace,
    lines: Sequence[dict[str, Any] | str],
    body: dict[str, Any],
    *,
    role: str = "task",
    clients: Clients | None = None,
    wait_for_slot: bool = True,
) -> str:
    """Start a task and return its id; a line that is a string is taken as it is.

    Raises:
        botocore.exceptions.ClientError: the start is refused.
    """
    key = f"{uuid.uuid4().hex}.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    workspace.clients.get("s3").put_object(
        Bucket=workspace.bucket, Key=key, Body="".join(f"{text}\n" for text in texts).encode()
    )
    request = {
        "templateBody": json.dumps(body),
        "inputFileBucket": workspace.bucket,
        "inputFileKey": key,
        "roleArn": workspace.role_arn(role),
    }
    iot = (clients or workspace.clients).get("iot", once=True)
    seconds = workspace.patience.slot if wait_for_slot else 0
    task_id = _start_in_free_slot(workspace, iot, request, seconds)
    workspace.made.tasks.append(task_id)
    return task_id


def _start_in_free_slot(
    workspace: Workspace, iot: Any, request: dict[str, str], seconds: float
) -> str:
    """Start a task; wait while AWS refuses it as it has refused a second start.

    The slot of the task before may be freed late.
    """
    busy = workspace.facts.get("busy")
    refusals: list[ClientError] = []

    def attempt() -> str | None:
        try:
            return str(iot.start_thing_registration_task(**request)["taskId"])
        except ClientError as error:
            if error.response["Error"] != busy:
                raise
            refusals.append(error)
            return None

    task_id, _ = wait_for(attempt, seconds)
    if task_id is None:
        raise refusals[-1]
    return task_id


def describe(workspace: Workspace, task_id: str) -> dict[str, Any]:
    """Return the description of a task."""
    described: dict[str, Any] = workspace.iot.describe_thing_registration_task(taskId=task_id)
    return described


def finish(workspace: Workspace, task_id: str, *, with_reports: bool = True) -> EndedTask:
    """Wait until a task has ended and return it, with its reports if they are wanted.

    Raises:
        TaskNotEnded: it did not end in time.
    """
    began = time.monotonic()

    def ended() -> dict[str, Any] | None:
        described = describe(workspace, task_id)
        return described if described["status"] in ENDED else None

    found, _ = wait_for(ended, workspace.patience.task)
    if found is None:
        raise TaskNotEnded(task_id, workspace.patience.task)
    seconds = time.monotonic() - began
    reports = read_reports(workspace, found) if with_reports else Reports({}, {})
    return EndedTask(found, seconds, reports)


def run(
    workspace: Workspace,
    lines: Sequence[dict[str, Any] | str],
    body: dict[str, Any],
    *,
    role: str = "task",
    clients: Clients | None = None,
) -> EndedTask:
    """Run a task from its start to its end."""
    return finish(workspace, start(workspace, lines, body, role=role, clients=clients))


def read_reports(workspace: Workspace, described: dict[str, Any]) -> Reports:
    """Return the reports of a task once they have as many lines as it counts, or after a while."""
    links: dict[str, list[str]] = {}
    lines: dict[str, list[str]] = {}
    counts = {"RESULTS": "successCount", "ERRORS": "failureCount"}
    for kind in KINDS:
        wanted = described.get(counts[kind], 0)

        def complete(kind: str = kind, wanted: int = wanted) -> bool | None:
            links[kind] = list_links(workspace, described["taskId"], kind)
            lines[kind] = [line for link in links[kind] for line in read_lines(link)]
            return True if len(lines[kind]) >= wanted else None

        # The reports of a cancelled task may be missing for good.
        seconds = workspace.patience.links / (1 if described["status"] == "Completed" else 4)
        wait_for(complete, seconds)
    return Reports(links, lines)


def list_links(workspace: Workspace, task_id: str, kind: str) -> list[str]:
    """Return all links to a report."""
    pages = workspace.iot.get_paginator("list_thing_registration_task_reports").paginate(
        taskId=task_id, reportType=kind
    )
    return [link for page in pages for link in page["resourceLinks"]]


def read_lines(link: str) -> list[str]:
    """Return the lines behind a link; none if it cannot be read now."""
    try:
        with urllib.request.urlopen(link, timeout=30) as reply:
            text = reply.read().decode()
    except (urllib.error.URLError, TimeoutError):
        return []
    return [line for line in text.split("\n") if line.strip()]
