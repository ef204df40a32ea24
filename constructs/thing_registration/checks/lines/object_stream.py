"""Finds objects that are written over several lines, or with commas between them.

Each of their lines is broken by itself; the file is mended in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from thing_registration.checks.findings import Problem
from thing_registration.checks.lines.json_lines import BYTE_ORDER_MARK
from thing_registration.checks.rules.lines import OBJECT_OVER_LINES

# So much of a file is looked at.
_READ_BYTES = 1024 * 1024
_BETWEEN = re.compile(r"[\s,]*")


class _Object(NamedTuple):
    begins: int
    ends: int
    has_comma: bool


def objects_over_lines(path: Path, source: str) -> Problem | None:
    """Return the problem of a file that is nothing but objects, if they do not have a line each."""
    with path.open("rb") as file:
        content = file.read(_READ_BYTES).removeprefix(BYTE_ORDER_MARK)
    is_whole = len(content) < _READ_BYTES - len(BYTE_ORDER_MARK)
    try:
        # The last character may be cut.
        text = content.decode(errors="strict" if is_whole else "ignore")
        objects = list(_objects(text, is_whole))
    except (ValueError, RecursionError):
        return None
    broken = [one for one in objects if one.ends > one.begins]
    if broken:
        first = broken[0]
        lines = first.ends - first.begins + 1
        more = f", and {len(broken) - 1:,} more do" if len(broken) > 1 else ""
        fault = OBJECT_OVER_LINES.fault(got=f"the object goes on for {lines:,} lines{more}")
        return fault.at(source, line=first.begins)
    followed = [one for one in objects if one.has_comma]
    if not followed:
        return None
    fault = OBJECT_OVER_LINES.fault(
        got=f"a comma follows the object, and {len(followed) - 1:,} more"
        if len(followed) > 1
        else "a comma follows the object"
    )
    return fault.at(source, line=followed[0].ends)


def _objects(text: str, is_whole: bool) -> Iterator[_Object]:
    """Yield each object of a text.

    Raises:
        ValueError: the text has something else.
    """
    decoder = json.JSONDecoder()
    at, line = 0, 1
    while True:
        gap = _BETWEEN.match(text, at)
        assert gap is not None  # noqa: S101 - it may be empty
        line += gap[0].count("\n")
        at = gap.end()
        if at == len(text):
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            if is_whole or text[at] != "{":
                raise
            return
        if not isinstance(value, dict):
            raise ValueError("not an object")
        ends = line + text.count("\n", at, end)
        following = _BETWEEN.match(text, end)
        yield _Object(line, ends, following is not None and "," in following[0])
        at, line = end, ends
