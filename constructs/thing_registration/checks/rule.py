"""What a rule is."""

from __future__ import annotations

from dataclasses import dataclass

from thing_registration.problem import Problem, Severity


@dataclass(frozen=True)
class Rule:
    """A rule: its id, how grave it is, what it checks, why, and a message it gives."""

    id: str
    severity: Severity
    checks: str
    source: str
    example: str

    def problem(
        self,
        source: str,
        line: int | None,
        field: str | None,
        what: str,
        got: str,
        allowed: str,
        column: int | None = None,
    ) -> Problem:
        """Make a problem of this rule."""
        return Problem(self.id, self.severity, source, line, field, what, got, allowed, column)
