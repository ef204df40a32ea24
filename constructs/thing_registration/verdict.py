"""What the checks found, and the error that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from thing_registration.checks.findings import Problem
from thing_registration.prerequisites import PrerequisiteNames


@dataclass(frozen=True)
class Verdict:
    """What is known of a template and its input file before a deployment.

    Args:
        problems: The first 20, errors before warnings, each in the order of the file.
        counts: Number of problems by rule, all of them.
        error_count: Number of problems that are errors.
        warning_count: Number of problems that are warnings.
        lines: Number of devices; None if the file is in a bucket, or cannot be read.
        estimated_duration: How long the task would take; None if `lines` is.
        names: What must exist in the account first.
        canonical: The file to upload: UTF-8, LF, no byte order mark, one object per line. None
            if there is an error, or if the file is in a bucket.
        rewrites: What AWS gets in another form than it was given, one sentence each.
    """

    problems: tuple[Problem, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    error_count: int = 0
    warning_count: int = 0
    lines: int | None = None
    estimated_duration: timedelta | None = None
    names: PrerequisiteNames = field(default_factory=PrerequisiteNames)
    canonical: Path | None = None
    rewrites: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors among the problems."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The warnings among the problems."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def rest(self) -> str:
        """How many problems of each rule there are, if not all are shown; else empty."""
        if self.error_count + self.warning_count == len(self.problems):
            return ""
        by_rule = ", ".join(f"{rule} {number:,}" for rule, number in self.counts.items())
        total = f"{self.error_count:,} errors and {self.warning_count:,} warnings"
        return f"{total}, of which the first {len(self.problems)} are shown: {by_rule}"

    def __str__(self) -> str:
        """Return one line for each problem, labelled as error or warning, then how many of each."""
        lines = [f"{problem.severity}: {problem}" for problem in self.problems]
        return "\n".join(filter(None, [*lines, self.rest]))


class InvalidDeclaration(ValueError):
    """A template or an input file would be rejected, or is almost certainly a mistake.

    Its text has how many errors and warnings there are, then a line for each, so that it can be
    read where nobody catches it.

    Args:
        verdict: What the checks found; `problems` holds the first 20, `counts` counts them all.
    """

    def __init__(self, verdict: Verdict) -> None:
        found = _counted(verdict.error_count, "error")
        if verdict.warning_count:
            found += f" and {_counted(verdict.warning_count, 'warning')}"
        super().__init__(f"{found} in template and input file\n{verdict}")
        self.verdict = verdict
        self.problems = verdict.problems
        self.counts = verdict.counts


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
