"""The questions, in the order in which they are asked."""

from tools.verify_aws.question import Question, QuestionGroup
from tools.verify_aws.questions import starts

__all__ = ["GROUPS", "QUESTIONS"]

GROUPS: tuple[QuestionGroup, ...] = (starts.GROUP,)
QUESTIONS: tuple[Question, ...] = tuple(
    question for group in GROUPS for question in group.questions
)
