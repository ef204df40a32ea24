"""Makes the file that is uploaded: UTF-8, LF, no byte order mark, one object a line."""

from __future__ import annotations

from pathlib import Path

from thing_registration.checks.json_lines import temporary_file
from thing_registration.checks.part import Part
from thing_registration.checks.scan import BYTE_ORDER_MARK


def canonical_file(path: Path, source: str, part: Part) -> tuple[Path, tuple[str, ...]]:
    """Give the canonical file for one that was read, and what differs from it.

    Returns:
        The file itself where it is canonical already; else a copy that lives as long as this
        process.
    """
    notes = []
    if part.byte_order_mark:
        notes.append(f"{source}: the byte order mark is left out")
    if part.carriage_returns:
        notes.append(f"{source}: line ends CR LF are turned into LF")
    if part.blank:
        plural = "line is" if part.blank == 1 else "lines are"
        notes.append(f"{source}: {part.blank:,} blank {plural} left out")
    if not notes:
        return path, ()
    written = temporary_file(path.name)
    with path.open("rb") as file, written.open("wb") as copy:
        for number, line in enumerate(file):
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 0 else line
            content = content.rstrip(b"\r\n")
            if content.strip():
                copy.write(content + b"\n")
    return written, tuple(notes)
