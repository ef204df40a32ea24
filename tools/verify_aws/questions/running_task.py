"""A task of many lines while it runs: the slot, the list of tasks, the counts, the rate."""

from __future__ import annotations

import time
from collections.abc import Iterator
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
    ("lambda/steps/start.py", "lambda/aws/registration_tasks.py"),
)
LIST_LAG = Question(
    "list-lag",
    "How long after its start does ListThingRegistrationTasks show a task?",
    "at once",
    ("lambda/own_tasks.py", "lambda/timing.py"),
)
LIVE_COUNTS = Question(
    "live-counts",
    "Do the counts change while a task runs?",
    "yes",
    ("lambda/progress.py", "lambda/steps/observe.py"),
)
RATE = Question(
    "rate",
    "How many things per second does a task register?",
    "10 things per second",
    ("constructs/thing_registration/verdict.py", "docs/cost-and-speed.md"),
    measured=True,
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Start a task of many lines, and look at it until it has ended."""
    lines = [{"ThingName": workspace.thing(f"many-{number}")} for number in range(LINES)]
    began = time.monotonic()
    task_id = start(workspace, lines, template(()))
    yield _second_start(workspace)
    yield _list_lag(workspace, task_id, time.monotonic() - began)
    seen: list[tuple[float, int]] = []

    def ended() -> dict[str, Any] | None:
        described = describe(workspace, task_id)
        count = described.get("successCount", 0) + described.get("failureCount", 0)
        seen.append((round(time.monotonic() - began, 2), count))
        return described if described["status"] in ENDED else None

    described, _ = wait_for(ended, workspace.patience.task)
    yield _live_counts(seen)
    if described is not None and described["status"] == "Completed":
        workspace.facts["finished"] = (described, time.monotonic())
        yield RATE.answer(f"{LINES / seen[-1][0]:.1f} things per second, overhead included", seen)


def _live_counts(seen: list[tuple[float, int]]) -> Answer:
    while_running = [count for _, count in seen[:-1]]
    if any(while_running):
        return LIVE_COUNTS.answer("yes", seen)
    if len(while_running) < 3:
        return LIVE_COUNTS.unanswered("the task ended too soon to tell")
    return LIVE_COUNTS.answer("no", seen)


def _second_start(workspace: Workspace) -> Answer:
    try:
        start(workspace, [{"ThingName": workspace.thing("second")}], template(()))
    except ClientError as error:
        found = error.response["Error"]
        return SECOND_START.answer(f"{found['Code']}: {found['Message']}", found)
    return SECOND_START.answer("none: a second task was started")


def _list_lag(workspace: Workspace, task_id: str, since_start: float) -> Answer:
    def listed() -> bool | None:
        pages = workspace.iot.get_paginator("list_thing_registration_tasks").paginate()
        return True if any(task_id in page["taskIds"] for page in pages) else None

    found, took = wait_for(listed, workspace.patience.lag)
    seconds = since_start + took
    if not found:
        return LIST_LAG.answer(f"not within {seconds:.0f} s")
    return LIST_LAG.answer(in_words(seconds), {"seconds": round(seconds, 2)})


GROUP = QuestionGroup("a running task", ask, (SECOND_START, LIST_LAG, LIVE_COUNTS, RATE))
