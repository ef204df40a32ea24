"""Reads a file in whichever form it has: JSON Lines as it is, a JSON array or UTF-16 rewritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from thing_registration.checks.findings import Findings
from thing_registration.checks.lines.json_array import from_array
from thing_registration.checks.lines.json_lines import (
    BYTE_ORDER_MARK,
    UTF_16_MARKS,
    JsonLines,
    temporary_file,
    unreadable,
)
from thing_registration.checks.rules.lines import LINE_ENCODING


def from_path(path: Path, source: str) -> JsonLines:
    """Return a file as JSON Lines in UTF-8."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if head.startswith(UTF_16_MARKS):
            return _from_utf_16(path, source)
        if head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"["):
            return from_array(path.read_bytes(), source)
    except OSError as error:
        return unreadable(source, error)
    return JsonLines(path, source)


def _from_utf_16(path: Path, source: str) -> JsonLines:
    try:
        text = path.read_bytes().decode("utf-16")
    except UnicodeDecodeError as error:
        fault = LINE_ENCODING.fault(got=f"broken UTF-16 at byte {error.start + 1}")
        return JsonLines(None, source, Findings([fault.at(source)]))
    written = temporary_file(f"{path.stem}.jsonl")
    written.write_bytes(text.encode())
    again = from_path(written, source)
    return replace(again, rewrites=(f"{source}: UTF-16 becomes UTF-8", *again.rewrites))
