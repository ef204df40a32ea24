"""Read the ERRORS report: which devices failed, and why.

AWS documents no schema for its lines: known members are read, other lines are shown as they are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
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


def thing_name_parameter(template_body: str) -> str:
    """Return the template parameter that names the thing; empty when it is not a plain Ref."""
    for resource in json.loads(template_body)["Resources"].values():
        name = resource.get("Properties", {}).get("ThingName")
        if resource.get("Type") == "AWS::IoT::Thing" and isinstance(name, dict):
            return str(name.get("Ref", ""))
    return ""


def name_things(
    failed: list[FailedLine], input_lines: Iterable[bytes], parameter: str, base: int
) -> list[FailedLine]:
    """Count lines from 1 and add the thing names that the report leaves out.

    Args:
        failed: lines of the report.
        input_lines: the lines of the input file.
        parameter: the template parameter that names the thing.
        base: the number that the report gives the first line, 0 or 1.
    """
    found = {line.line_number - base + 1 for line in failed if line.line_number is not None}
    names: dict[int, str] = {}
    for number, raw in enumerate(islice(input_lines, max(found, default=0)), 1):
        if number in found:
            names[number] = _value(raw, parameter)
    named = []
    for line in failed:
        counted = None if line.line_number is None else line.line_number - base + 1
        name = line.thing_name or ("" if counted is None else names.get(counted, ""))
        named.append(FailedLine(counted, name, line.message))
    return named


def _value(raw: bytes, name: str) -> str:
    """Return a device's value; empty where the line, which may be why it failed, has none."""
    try:
        device = json.loads(raw)
    except ValueError:
        return ""
    return str(device.get(name, "")) if isinstance(device, dict) else ""


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
