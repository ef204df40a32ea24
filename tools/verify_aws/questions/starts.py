"""A new role, how long the smallest task takes, and when the next one may start."""

from __future__ import annotations

import time
from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import EndedTask, finish, start, template
from tools.verify_aws.waiting import in_words, wait_for
from tools.verify_aws.workspace import Workspace

NEW_ROLE = Question(
    "new-role",
    "How long is a role that was just made refused?",
    "usable at once",
    (
        "lambda/thing_registration_worker/timing.py",
        "lambda/thing_registration_worker/steps/start.py",
    ),
)
SLOT_FREED = Question(
    "slot-freed",
    "How long after a task's end can the next one be started?",
    "at once",
    (
        "lambda/thing_registration_worker/steps/start.py",
        "lambda/thing_registration_worker/timing.py",
    ),
)
OVERHEAD = Question(
    "overhead",
    "How long does a task of one line take?",
    "4 to 7 s",
    ("docs/cost-and-speed.md", "lambda/thing_registration_worker/timing.py"),
    measured=True,
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run a task with the new role until one works."""
    refusals: list[object] = []

    def attempt() -> EndedTask | None:
        try:
            task = _run(workspace, "first")
        except ClientError as error:
            refusals.append(error.response["Error"])
            return None
        # A role whose policies are not known everywhere yet fails the line.
        if task.description.get("successCount"):
            return task
        refusals.append(task.evidence)
        return None

    task, took = wait_for(attempt, workspace.patience.role)
    if task is None:
        yield NEW_ROLE.answer(f"refused for {took:.0f} s and more", refusals[-1])
        return
    if refusals:
        yield NEW_ROLE.answer(f"refused, then usable {in_words(took)}", refusals)
    else:
        yield NEW_ROLE.answer("usable at once")
    yield _slot(workspace)
    yield OVERHEAD.answer(f"{task.seconds:.1f} s", task.evidence)


def _run(workspace: Workspace, name: str) -> EndedTask:
    """Run a task of one line; without its reports, so that no time is lost after its end."""
    line = {"ThingName": workspace.thing(name)}
    task_id = start(workspace, [line], template(()), wait_for_slot=False)
    return finish(workspace, task_id, with_reports=False)


def _slot(workspace: Workspace) -> Answer:
    began = time.monotonic()
    refusals: list[object] = []

    def attempt() -> float | None:
        tried = time.monotonic() - began
        try:
            _run(workspace, "next")
        except ClientError as error:
            workspace.facts["busy"] = error.response["Error"]
            refusals.append(error.response["Error"])
            return None
        return tried

    tried, took = wait_for(attempt, workspace.patience.lag)
    if tried is None:
        return SLOT_FREED.answer(f"not within {took:.0f} s", refusals[-1])
    return SLOT_FREED.answer(in_words(tried) if refusals else "at once", refusals)


GROUP = QuestionGroup("the first tasks", ask, (NEW_ROLE, SLOT_FREED, OVERHEAD))
