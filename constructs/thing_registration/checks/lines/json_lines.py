"""An input file in the form that is checked and uploaded: JSON Lines, one object per line."""

from __future__ import annotations

import codecs
import json
import tempfile
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thing_registration.checks.findings import Findings
from thing_registration.checks.lines.csv_header import Header
from thing_registration.checks.quoting import why_unreadable
from thing_registration.checks.rules.input import INPUT_READABLE
from thing_registration.known_values import check_known

BYTE_ORDER_MARK = codecs.BOM_UTF8
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_folder: tempfile.TemporaryDirectory[str] | None = None


@dataclass(frozen=True)
class JsonLines:
    """An input file in the form that is checked line by line.

    Args:
        path: None if the file could not be brought into that form.
        source: The input file as it was given, for messages.
        found: What is wrong with the form of the file.
        rewrites: What was changed, one sentence each.
        origin: For each line, its line in the input file; None if that is the same.
        header: The header of a CSV file.
    """

    path: Path | None
    source: str
    found: Findings = field(default_factory=Findings)
    rewrites: tuple[str, ...] = ()
    origin: array[int] | None = None
    header: Header | None = None

    def at(self, line: int) -> int:
        """Return where a line is in the input file."""
        return self.origin[line - 1] if self.origin else line


def from_records(records: Iterable[object], source: str) -> JsonLines:
    """Write one line for each record.

    Raises:
        ValueError: a record has a token, which nothing replaces in a file.
    """
    path = temporary_file("records.jsonl")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for index, record in enumerate(records):
            line = _line_of(record)
            check_known(f"records[{index}]", line)
            file.write(line + "\n")
    return JsonLines(path, source)


def unreadable(source: str, error: OSError) -> JsonLines:
    """Return the problem that a file cannot be read."""
    fault = INPUT_READABLE.fault(got=why_unreadable(error, source))
    return JsonLines(None, source, Findings([fault.at(source)]))


def byte_at(content: bytes, index: int) -> str:
    """Return a byte that is not UTF-8, and its position from 1, for a message."""
    return f"byte 0x{content[index]:02x} at position {index + 1}"


def temporary_file(name: str) -> Path:
    """Return the path of a new file that lives as long as this process."""
    global _folder
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="thing-registration-")
    return Path(tempfile.mkdtemp(dir=_folder.name)) / name


def _line_of(record: object) -> str:
    """Return the JSON of a record; what JSON cannot hold becomes a list, which is a problem."""
    if isinstance(record, Mapping):
        record = {key if isinstance(key, str) else repr(key): record[key] for key in record}
    return json.dumps(record, default=lambda value: [repr(value)])
