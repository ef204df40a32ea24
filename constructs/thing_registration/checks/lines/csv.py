"""Turns a CSV file into JSON Lines."""

from __future__ import annotations

import csv
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from thing_registration.checks.findings import Fault, Findings
from thing_registration.checks.lines.csv_header import Header, name_faults
from thing_registration.checks.lines.json_lines import (
    UTF_16_MARKS,
    JsonLines,
    byte_at,
    temporary_file,
    unreadable,
)
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.input import CSV_ROW, INPUT_EMPTY
from thing_registration.checks.rules.lines import LINE_ENCODING

_DELIMITERS = ",;\t|"
# What Excel reads as the choice of a delimiter, and writes so.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


def from_csv(
    path: Path,
    source: str,
    columns: Mapping[str, str | None],
    delimiter: str | None,
    encoding: str | None,
) -> JsonLines:
    """Write one line for each row, with the keys that the header names."""
    try:
        encoding = encoding or _encoding(path)
        return _convert(path, source, columns, delimiter, encoding)
    except OSError as error:
        return unreadable(source, error)
    except LookupError:
        fault = LINE_ENCODING.fault(
            got=shown(encoding),
            allowed="a codec of Python",
            message="{got} is not a known encoding: must be {allowed}",
        )
        return JsonLines(None, source, Findings([fault.at(source)]))
    except UnicodeError as error:
        return _undecodable(path, source, str(encoding), error)


def _convert(
    path: Path,
    source: str,
    columns: Mapping[str, str | None],
    delimiter: str | None,
    encoding: str,
) -> JsonLines:
    written = temporary_file(f"{path.stem}.jsonl")
    with (
        path.open(encoding=encoding, newline="") as file,
        written.open("w", encoding="utf-8", newline="\n") as lines,
    ):
        first = file.readline()
        separator = _SEPARATOR_LINE.fullmatch(first)
        if separator is None:
            file.seek(0)
        else:
            first = file.readline()
            file.seek(0)
            file.readline()
        chosen = delimiter or (separator[1] if separator else _delimiter(first))
        rows = _Rows(file, chosen, 1 if separator else 0)
        notes = [f"{source}: the line sep={separator[1]} is left out"] if separator else []
        notes.append(f"{source}: CSV in {encoding}, delimiter {shown(chosen)}, becomes JSON Lines")
        try:
            at, names = next(rows, (1, []))
            header = Header(at, [columns.get(name, name) for name in names])
            faults = name_faults(names, header.parameters, columns, chosen)
            found = Findings(fault.at(source, line=at) for fault in faults)
            if found.counts:
                return JsonLines(None, source, found)
            origin = array("q")
            for line, record in _records(rows, header, source, found):
                lines.write(json.dumps(record) + "\n")
                origin.append(line)
        except csv.Error as error:
            return JsonLines(
                None, source, Findings([_no_csv(rows, error).at(source, line=rows.begins)])
            )
        if not origin and not found.counts:
            empty = INPUT_EMPTY.fault(got="only a header", allowed="one row per device")
            found.add(empty.at(source))
            return JsonLines(None, source, found)
    return JsonLines(written, source, found, tuple(notes), origin, header)


class _Rows:
    """The rows that are not blank, each with the line where it begins.

    Attributes:
        begins: The line where the row begins that is read.
    """

    def __init__(self, file: Iterable[str], delimiter: str, before: int) -> None:
        self._reader = csv.reader(file, delimiter=delimiter, strict=True)
        self._before = before
        self.begins = before + 1

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        while True:
            self.begins = self._before + self._reader.line_num + 1
            row = next(self._reader)
            if row:
                return self.begins, row


def _records(
    rows: _Rows, header: Header, source: str, found: Findings
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield what each row says; rows with more or fewer fields than the header are found."""
    width = len(header.parameters)
    trailing: list[int] = []
    for line, row in rows:
        if len(row) == width:
            pairs = zip(header.parameters, row, strict=True)
            yield line, {name: cell for name, cell in pairs if name is not None}
        elif len(row) > width and not any(row[width:]):
            trailing.append(line)
        else:
            fault = CSV_ROW.fault(got=str(len(row)), allowed=str(width))
            found.add(fault.at(source, line=line))
    if trailing:
        more = f", and {len(trailing) - 1:,} more rows do" if len(trailing) > 1 else ""
        fault = CSV_ROW.fault(
            got=f"more delimiters than the header{more}",
            allowed="remove those at the end of the row",
            message="has {got}: {allowed}",
        )
        found.add(fault.at(source, line=trailing[0]))


def _no_csv(rows: _Rows, error: csv.Error) -> Fault:
    if "unexpected end of data" in str(error):
        return CSV_ROW.fault(
            got="a quote",
            allowed='a quote within a quoted field must be doubled: ""',
            message="{got} opens on this row that is never closed; {allowed}",
        )
    return CSV_ROW.fault(
        got=str(error),
        allowed="CSV as in RFC 4180",
        message="is not valid CSV ({got}): must be {allowed}",
    )


def _undecodable(path: Path, source: str, encoding: str, error: UnicodeError) -> JsonLines:
    """Return the problem of a file that has another encoding; of UTF-8, with its place."""
    line, got = None, str(encoding)
    message = "cannot be decoded as {got}: must be {allowed}"
    if encoding == "utf-8-sig":
        content = path.read_bytes()
        try:
            content.decode()
        except UnicodeDecodeError as first:
            line = content.count(b"\n", 0, first.start) + 1
            begins = content.rfind(b"\n", 0, first.start) + 1
            got = byte_at(content[begins:], first.start - begins)
            message = "is not UTF-8 ({got}): must be {allowed}"
    fault = LINE_ENCODING.fault(
        got=got, allowed="UTF-8, or the encoding that you specify, such as cp1252", message=message
    )
    return JsonLines(None, source, Findings([fault.at(source, line=line)]))


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in UTF_16_MARKS else "utf-8-sig"


def _delimiter(header: str) -> str:
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))
