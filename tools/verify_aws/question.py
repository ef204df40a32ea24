"""A question to AWS, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.verify_aws.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """A question that no document answers.

    Attributes:
        id: short and stable; answers are stored under it.
        text: the question.
        assumed: the answer that the local AWS gives by default.
        files: what rests on it.
        measured: whether the answer is a figure, which the local AWS cannot predict.
    """

    id: str
    text: str
    assumed: str
    files: tuple[str, ...]
    measured: bool = False

    def answer(self, said: str, evidence: Any = None) -> Answer:
        """Return the answer, with what AWS returned word for word as its evidence."""
        return Answer(self, said, evidence)

    def unanswered(self, problem: str) -> Answer:
        """Return that the question could not be asked, and why."""
        return Answer(self, None, problem=problem)


@dataclass(frozen=True)
class Answer:
    """An answer. `said` None: there is none, because of the `problem`."""

    question: Question
    said: str | None
    evidence: Any = None
    problem: str | None = None

    @property
    def verdict(self) -> str:
        """Return how the answer compares to what is assumed."""
        if self.said is None:
            return "not answered"
        if self.question.measured:
            return "measured"
        return "as assumed" if self.said == self.question.assumed else "otherwise"


Ask = Callable[["Workspace"], Iterator[Answer]]


@dataclass(frozen=True)
class QuestionGroup:
    """Questions that are asked together, because they share registration tasks."""

    name: str
    ask: Ask
    questions: tuple[Question, ...] = field(default=())
