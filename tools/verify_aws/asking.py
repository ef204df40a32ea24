"""All questions asked, one group after the other, and everything removed at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from tools.verify_aws.question import Answer, QuestionGroup
from tools.verify_aws.questions.roles import make_roles
from tools.verify_aws.removal import remove
from tools.verify_aws.tasks import TaskNotEnded
from tools.verify_aws.workspace import Workspace

Say = Callable[[str], None]


def ask_all(
    workspace: Workspace,
    groups: Sequence[QuestionGroup],
    say: Say,
    before_removal: Callable[[], None],
) -> tuple[list[Answer], list[str]]:
    """Ask the questions; return their answers, and what could not be removed."""
    answers: list[Answer] = []
    try:
        workspace.prepare()
        make_roles(workspace)
        for group in groups:
            say(f"asking about {group.name}…")
            answers += ask_group(workspace, group)
    finally:
        before_removal()
        left = remove(workspace, say)
        for what in left:
            say(f"NOT REMOVED: {what}")
    return answers, left


def ask_group(workspace: Workspace, group: QuestionGroup) -> list[Answer]:
    """Ask one group; what fails in it leaves its other questions unanswered, for that reason."""
    answers: list[Answer] = []
    problem = "no answer came"
    try:
        for answer in group.ask(workspace):
            answers.append(answer)
    except (BotoCoreError, ClientError, TaskNotEnded) as error:
        problem = str(error)
    answered = {answer.question.id for answer in answers}
    rest = [question for question in group.questions if question.id not in answered]
    return [*answers, *(question.unanswered(problem) for question in rest)]
