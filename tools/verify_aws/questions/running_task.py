"""A task of many lines while it runs: the slot, the list of tasks, the counts, the rate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import ENDED, describe, start, template
from tools.verify_aws.waiting import in_words, wait_for
from tools.verify_aws.workspace import Workspace

LINES = 60
SECOND_START = Question(
    "second-start",
    "Which error does a start give while a task runs?",
    "LimitExceededException: The maximum number of registration tasks in progress has been "
    "reached: 1",
    (
        "lambda/thing_registration_worker/steps/start.py",
        "lambda/thing_registration_worker/aws/registration_tasks.py",
    ),
)
LIST_LAG = Question(
    "list-lag",
    "How long after its start does ListThingRegistrationTasks show a task?",
    "at once",
    (
        "lambda/thing_registration_worker/tasks/own_tasks.py",
        "lambda/thing_registration_worker/timing.py",
    ),
)
LIVE_COUNTS = Question(
    "live-counts",
    "Do the counts change while a task runs?",
    "yes",
    (
        "lambda/thing_registration_worker/tasks/own_task.py",
        "lambda/thing_registration_worker/steps/observe.py",
    ),
)
RATE = Question(
    "rate",
    "How many things per second does a task register?",
    "10 things per second",
    ("constructs/thing_registration/verdict.py", "docs/cost-and-speed.md"),
    measured=True,
)


@dataclass
class _Watched:
    """What was seen of the task while it ran; times in seconds since its start."""

    counts: list[tuple[float, int]] = field(default_factory=list)
    listed_after: float | None = None


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Start a task of many lines, and look at it until it has ended."""
    lines = [{"ThingName": workspace.thing(f"many-{number}")} for number in range(LINES)]
    task_id = start(workspace, lines, template(()))
    began = time.monotonic()
    yield _second_start(workspace)
    watched = _Watched()

    def listed() -> bool | None:
        if watched.listed_after is None and _is_listed(workspace, task_id):
            watched.listed_after = round(time.monotonic() - began, 2)
        return None if watched.listed_after is None else True

    def ended() -> dict[str, Any] | None:
        described = describe(workspace, task_id)
        count = described.get("successCount", 0) + described.get("failureCount", 0)
        watched.counts.append((round(time.monotonic() - began, 2), count))
        listed()
        return described if described["status"] in ENDED else None

    described, _ = wait_for(ended, workspace.patience.task)
    if described is not None and described["status"] == "Completed":
        workspace.facts["finished"] = (described, time.monotonic())
        rate = LINES / watched.counts[-1][0]
        yield RATE.answer(f"{rate:.1f} things per second, overhead included", watched.counts)
    yield _live_counts(watched.counts)
    _, took = wait_for(listed, workspace.patience.lag)
    after = watched.listed_after
    said = f"not within {took:.0f} s after its end" if after is None else in_words(after)
    yield LIST_LAG.answer(said, {"seconds": after})


def _is_listed(workspace: Workspace, task_id: str) -> bool:
    pages = workspace.iot.get_paginator("list_thing_registration_tasks").paginate()
    return any(task_id in page["taskIds"] for page in pages)


def _live_counts(seen: list[tuple[float, int]]) -> Answer:
    while_running = [count for _, count in seen[:-1]]
    if any(while_running):
        return LIVE_COUNTS.answer("yes", seen)
    if len(while_running) < 3:
        return LIVE_COUNTS.unanswered("the task ended too soon to tell")
    return LIVE_COUNTS.answer("no", seen)


def _second_start(workspace: Workspace) -> Answer:
    try:
        line = {"ThingName": workspace.thing("second")}
        start(workspace, [line], template(()), wait_for_slot=False)
    except ClientError as error:
        found = error.response["Error"]
        workspace.facts["busy"] = found
        return SECOND_START.answer(f"{found['Code']}: {found['Message']}", found)
    return SECOND_START.answer("none: a second task was started")


GROUP = QuestionGroup("a running task", ask, (SECOND_START, LIST_LAG, LIVE_COUNTS, RATE))
