"""What the checks find: faults of values, problems at a place, and a collection of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a template or an input file.

    `str(problem)` is one line: `path:line: field: message`.

    Args:
        rule: Id of the rule, as listed in docs/checks.md.
        severity: AWS rejects an error, or it is almost certainly a mistake; a warning may work.
        source: The file, as it was given.
        line: Line in that file, from 1; none if the problem is not in one line.
        column: Column in the line, from 1, if the JSON itself is broken.
        field: Parameter, or path in the template.
        message: What is wrong, what was found, and what is allowed, in one sentence.
        got: What was found, shortened for a person to read.
        allowed: What is allowed instead.
    """

    rule: str
    severity: Severity
    source: str
    line: int | None
    column: int | None
    field: str | None
    message: str
    got: str
    allowed: str

    def __str__(self) -> str:
        """Return the problem in one line."""
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part)
        return ": ".join(filter(None, [place, self.field, self.message]))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a value, without the place of the value."""

    rule: str
    severity: Severity
    message: str
    got: str
    allowed: str

    def at(
        self,
        source: str,
        *,
        line: int | None = None,
        column: int | None = None,
        field: str | None = None,
    ) -> Problem:
        """Return the problem that this fault is at a place."""
        return Problem(
            rule=self.rule,
            severity=self.severity,
            source=source,
            line=line,
            column=column,
            field=field,
            message=self.message,
            got=self.got,
            allowed=self.allowed,
        )


class Findings:
    """Collects problems: counts all of them and keeps the first of each severity."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self._first: dict[str, list[Problem]] = {"error": [], "warning": []}
        for problem in problems:
            self.add(problem)

    @property
    def first(self) -> list[Problem]:
        """The first of each severity, errors before warnings."""
        return [*self._first["error"], *self._first["warning"]]

    def add(self, problem: Problem) -> None:
        """Add one problem."""
        self.merge({problem.rule: 1}, (problem,))

    def without(self, *rules: str) -> Findings:
        """Return the findings of all other rules."""
        left = Findings()
        left.merge(
            {rule: count for rule, count in self.counts.items() if rule not in rules},
            (problem for problem in self.first if problem.rule not in rules),
        )
        return left

    def add_first(self, problem: Problem) -> None:
        """Add a problem before all others."""
        self.counts[problem.rule] += 1
        self._first[problem.severity].insert(0, problem)

    def merge(self, counts: Mapping[str, int], first: Iterable[Problem]) -> None:
        """Add many problems, of which only the first need be there in full."""
        self.counts.update(counts)
        for problem in first:
            kept = self._first[problem.severity]
            if len(kept) < SHOWN_PROBLEMS:
                kept.append(problem)
