"""Turns a CSV file into JSON Lines."""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from thing_registration.checks.findings import Fault, Findings
from thing_registration.checks.lines.json_lines import (
    UTF_16_MARKS,
    JsonLines,
    temporary_file,
    unreadable,
)
from thing_registration.checks.quoting import field_name, field_names, shown
from thing_registration.checks.rules.input import CSV_HEADER, CSV_ROW
from thing_registration.checks.rules.lines import LINE_ENCODING

_DELIMITERS = ",;\t|"


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
        delimiter = delimiter or _delimiter(path, encoding)
        lines = _convert(path, source, columns, delimiter, encoding)
    except OSError as error:
        return unreadable(source, error)
    except LookupError:
        fault = LINE_ENCODING.fault(
            got=shown(encoding),
            allowed="a codec of Python",
            message="{got} is not a known encoding: must be {allowed}",
        )
    except UnicodeError:
        fault = LINE_ENCODING.fault(
            got=str(encoding),
            allowed="UTF-8, or the encoding that you specify",
            message="cannot be decoded as {got}: must be {allowed}",
        )
    except csv.Error as error:
        fault = CSV_ROW.fault(
            got=str(error),
            allowed="CSV as in RFC 4180",
            message="is not valid CSV ({got}): must be {allowed}",
        )
    else:
        return lines
    return JsonLines(None, source, Findings([fault.at(source)]))


def _convert(
    path: Path, source: str, columns: Mapping[str, str | None], delimiter: str, encoding: str
) -> JsonLines:
    written = temporary_file(f"{path.stem}.jsonl")
    origin = array("q")
    with (
        path.open(encoding=encoding, newline="") as file,
        written.open("w", encoding="utf-8", newline="\n") as lines,
    ):
        rows = _rows(file, delimiter)
        at, header = next(rows, (1, []))
        parameters = [columns.get(name, name) for name in header]
        faults = _header_faults(header, parameters, columns)
        found = Findings(fault.at(source, line=at) for fault in faults)
        if found.counts:
            return JsonLines(None, source, found)
        for line, row in rows:
            if len(row) == len(header):
                pairs = zip(parameters, row, strict=True)
                record = {name: cell for name, cell in pairs if name is not None}
                lines.write(json.dumps(record) + "\n")
                origin.append(line)
            else:
                fault = CSV_ROW.fault(got=str(len(row)), allowed=str(len(header)))
                found.add(fault.at(source, line=line))
    note = f"{source}: CSV in {encoding}, delimiter {shown(delimiter)}, becomes JSON Lines"
    return JsonLines(written, source, found, (note,), origin)


def _rows(file: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Return each row that is not blank, with the line where it begins."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _header_faults(
    header: list[str], parameters: list[str | None], columns: Mapping[str, str | None]
) -> Iterator[Fault]:
    if not header:
        yield CSV_HEADER.fault(
            got="no header", allowed="a row of parameters", message="has {got}: must have {allowed}"
        )
    for name in dict.fromkeys(name for name in parameters if name is not None):
        if parameters.count(name) > 1:
            yield CSV_HEADER.fault(got=field_name(name))
    for column in columns:
        if column not in header:
            yield CSV_HEADER.fault(
                got=field_name(column),
                allowed=field_names(header, "no columns"),
                message="the mapping names the column {got}: the header has {allowed}",
            )


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in UTF_16_MARKS else "utf-8-sig"


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        header = file.readline()
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))
