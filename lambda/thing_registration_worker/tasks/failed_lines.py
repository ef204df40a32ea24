"""Read the ERRORS report: which devices failed, and why.

AWS documents no schema for its lines: known members are read, other lines are shown as they are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RAW_SHOWN = 300


@dataclass(frozen=True)
class FailedLine:
    """One failed device, with the line number that the report has; None or empty for none."""

    line_number: int | None
    thing_name: str
    message: str

    def __str__(self) -> str:
        """Return the phrase shown to the user."""
        where = f"line {self.line_number}" if self.line_number is not None else ""
        thing = f"thing {self.thing_name}" if self.thing_name else ""
        return ": ".join(filter(None, (", ".join(filter(None, (where, thing))), self.message)))


def failed_line(raw: bytes) -> FailedLine:
    """Read one line of the report."""
    text = raw.decode("utf-8", errors="replace").strip()
    try:
        members = dict(_members(json.loads(text)))
    except ValueError:
        members = {}
    number = str(_first(members, ("linenumber", "line")))
    message = _first(members, ("errormessage", "message", "error", "reason", "errorcode"))
    return FailedLine(
        line_number=int(number) if number.isdecimal() else None,
        thing_name=str(_first(members, ("thingname", "thing"))),
        message=str(message or text)[:RAW_SHOWN],
    )


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the scalar members at any depth, the outermost last so that they win."""
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _members(member)
        for name, member in value.items():
            if isinstance(member, (str, int)):
                yield name.lower(), member
    elif isinstance(value, list):
        for member in value:
            yield from _members(member)


def _first(members: Mapping[str, Any], names: Iterable[str]) -> Any:
    found = (members[name] for name in names if members.get(name) not in (None, ""))
    return next(found, "")
