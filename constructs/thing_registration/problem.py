"""One thing that is wrong with a template or an input file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

_LONGEST_SHOWN = 80
# What Python's parser takes or refuses in its own way.
UNUSUAL_NUMBER = "NaN, Infinity or too large a number"


@dataclass(frozen=True)
class Problem:
    """What was found where, and what is allowed there.

    Args:
        rule: Id of the rule, as listed in docs/checks.md.
        severity: An error is rejected by AWS or cannot be meant; a warning may work.
        source: The file, as it was given.
        line: Line in that file, from 1; none where the problem is not of one line.
        field: Parameter, or path in the template.
        what: What is wrong.
        got: What was found, shortened for a person to read.
        allowed: What is allowed instead.
        column: Column in the line, from 1, where the JSON itself is broken.
    """

    rule: str
    severity: Severity
    source: str
    line: int | None
    field: str | None
    what: str
    got: str
    allowed: str
    column: int | None = None

    def __str__(self) -> str:
        """Say it in one line: `path:line: field: what, got X, allowed Y`."""
        place = ":".join(str(part) for part in (self.source, self.line, self.column) if part)
        field = f" {self.field}:" if self.field else ""
        return f"{place}:{field} {self.what}, got {self.got}, allowed {self.allowed}"


def shown(value: object) -> str:
    """Show a value as JSON in one line, shortened in its middle where it is long."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    if len(text) <= _LONGEST_SHOWN:
        return text
    length = len(value) if isinstance(value, str) else len(text)
    return f"{text[:50]}…{text[-10:]} ({length:,} characters)"


def field_name(name: str) -> str:
    """Show a name from a user's file as it is, or quoted where it is not a plain word."""
    plain = name.isascii() and name.isprintable() and name.strip() == name != "" and len(name) <= 64
    return name if plain else shown(name)
