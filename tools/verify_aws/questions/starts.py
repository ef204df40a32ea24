"""A new role, and how long the smallest task takes."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import EndedTask, run, template
from tools.verify_aws.waiting import in_words, wait_for
from tools.verify_aws.workspace import Workspace

NEW_ROLE = Question(
    "new-role",
    "How long is a role that was just made refused?",
    "usable at once",
    ("lambda/timing.py", "lambda/steps/start.py"),
)
OVERHEAD = Question(
    "overhead",
    "How long does a task of one line take?",
    "4 to 7 s",
    ("docs/cost-and-speed.md", "lambda/timing.py"),
    measured=True,
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run a task with the new role until one works."""
    refusals: list[object] = []

    def attempt() -> EndedTask | None:
        try:
            task = run(workspace, [{"ThingName": workspace.thing("first")}], template(()))
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
    yield OVERHEAD.answer(f"{task.seconds:.1f} s", task.evidence)


GROUP = QuestionGroup("new roles", ask, (NEW_ROLE, OVERHEAD))
