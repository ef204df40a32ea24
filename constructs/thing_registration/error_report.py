"""What a command says of an error: in one line, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ErrorReport:
    """What is said of an error.

    Attributes:
        kind: for programs; docs/commands.md lists them.
        message: one line; of files with several problems, a line each.
        facts: what else is known, for programs.
        problems: of files: the severity and the line of each problem; else empty.
    """

    kind: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)
    problems: Sequence[tuple[str, str]] = ()

    @property
    def lines(self) -> Sequence[tuple[str, str]]:
        """The lines for a person, each with its severity."""
        return self.problems or [("error", self.message)]

    def to_json(self) -> dict[str, object]:
        """Return what `--json` writes."""
        return {"error": {"kind": self.kind, "message": self.message, **self.facts}}
