"""What was found in a part of an input file, in a form that goes from process to process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from thing_registration.checks.plan import Plan
from thing_registration.checks.values import Kind
from thing_registration.problem import Problem

SHOWN_PROBLEMS = 20
# Kinds whose values must exist in the account before a task starts.
NAMED_KINDS = (Kind.THING_TYPE, Kind.THING_GROUP, Kind.BILLING_GROUP, Kind.POLICY_NAME)


class Span(msgspec.Struct, frozen=True):
    """The first and the last of values that ascend by length, then text; empty for none."""

    first: str = ""
    last: str = ""

    def then(self, after: Span) -> bool:
        """Tell whether other values may follow."""
        if not (self.first and after.first):
            return True
        return (len(self.last), self.last) < (len(after.first), after.first)

    def joined(self, after: Span) -> Span:
        """Give the span of both."""
        return Span(self.first or after.first, after.last or self.last)


class Part(msgspec.Struct):
    """What was found in a run of lines.

    Args:
        lines: Number of lines, blank ones included.
        devices: Number of lines that are not blank.
        counts: Number of problems by rule.
        first: The first problems of each severity, in the order of the lines.
        names: Distinct values that must exist first, by kind.
        hashes: For each parameter whose values must differ, one 64-bit number a line, 0 where
            the line has no value. Equal values have equal numbers.
        ascending: The parameters of `hashes` whose values ascend, so that none stands twice.
        carriage_returns: Whether a line ends with CR LF.
        byte_order_mark: Whether the part begins with one.
    """

    lines: int = 0
    devices: int = 0
    counts: dict[str, int] = {}
    first: list[Problem] = []
    names: dict[Kind, set[str]] = {}
    hashes: dict[str, bytes] = {}
    ascending: dict[str, Span] = {}
    carriage_returns: bool = False
    byte_order_mark: bool = False

    @property
    def blank(self) -> int:
        """Number of blank lines."""
        return self.lines - self.devices


class Findings:
    """Collects problems: all are counted, the first of each severity are kept."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._first: dict[str, list[Problem]] = {"error": [], "warning": []}

    @property
    def first(self) -> list[Problem]:
        """The first of each severity, errors before warnings."""
        return [*self._first["error"], *self._first["warning"]]

    def add(self, problem: Problem) -> None:
        """Take one problem."""
        self.merge({problem.rule: 1}, (problem,))

    def merge(self, counts: Mapping[str, int], first: Iterable[Problem]) -> None:
        """Take many problems, of which only the first need be given."""
        self.counts.update(counts)
        for problem in first:
            kept = self._first[problem.severity]
            if len(kept) < SHOWN_PROBLEMS:
                kept.append(problem)


class Task(msgspec.Struct):
    """What one process is to read."""

    path: str
    start: int
    end: int
    plan: Plan
    source: str
    certificates: bool


# A process says how many bytes it has read, a line each time, then this and its part.
END_OF_PROGRESS = b"part\n"
