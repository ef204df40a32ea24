"""The questions, in the order in which they are asked."""

from tools.verify_aws.question import Question, QuestionGroup
from tools.verify_aws.questions import (
    deployment,
    existing_things,
    functions,
    known_certificates,
    line_values,
    link_life,
    new_certificates,
    report_links,
    roles,
    running_task,
    starts,
)

__all__ = ["GROUPS", "QUESTIONS"]

GROUPS: tuple[QuestionGroup, ...] = (
    starts.GROUP,
    running_task.GROUP,
    report_links.GROUP,
    line_values.GROUP,
    functions.GROUP,
    new_certificates.GROUP,
    known_certificates.GROUP,
    existing_things.GROUP,
    roles.GROUP,
    deployment.GROUP,
    link_life.GROUP,
)
QUESTIONS: tuple[Question, ...] = tuple(
    question for group in GROUPS for question in group.questions
)
