"""Makes the file that is uploaded: UTF-8, LF, no byte order mark, one object per line."""

from __future__ import annotations

from pathlib import Path

from thing_registration.checks.lines.json_lines import BYTE_ORDER_MARK, temporary_file


def canonical_file(
    path: Path, source: str, *, byte_order_mark: bool, carriage_returns: bool, blank: int
) -> tuple[Path, tuple[str, ...]]:
    """Return the canonical form of a file of JSON Lines, and how it differs.

    Args:
        path: The file.
        source: What messages call it.
        byte_order_mark: Whether it begins with one.
        carriage_returns: Whether a line ends with CR LF.
        blank: Number of blank lines.

    Returns:
        The file itself if it is canonical already; else a copy that lives as long as this process.
    """
    notes = []
    if byte_order_mark:
        notes.append(f"{source}: the byte order mark is left out")
    if carriage_returns:
        notes.append(f"{source}: CR LF line ends become LF")
    if blank:
        plural = "line is" if blank == 1 else "lines are"
        notes.append(f"{source}: {blank:,} blank {plural} left out")
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
