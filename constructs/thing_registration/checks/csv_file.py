"""Turns a CSV file into JSON Lines."""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from thing_registration.checks.json_lines import (
    UTF_16_MARKS,
    JsonLines,
    temporary_file,
    unreadable,
)
from thing_registration.checks.part import Findings
from thing_registration.checks.rules import RULES
from thing_registration.problem import field_name, shown

_DELIMITERS = ",;\t|"


def from_csv(
    path: Path,
    source: str,
    columns: Mapping[str, str | None],
    delimiter: str | None,
    encoding: str | None,
) -> JsonLines:
    """Write one line for each row, whose keys the header names."""
    written = temporary_file(f"{path.stem}.jsonl")
    origin = array("q")
    found = Findings()

    def say(rule: str, line: int | None, what: str, got: str, allowed: str) -> None:
        found.add(RULES[rule].problem(source, line, None, what, got, allowed))

    try:
        encoding = encoding or _encoding(path)
        delimiter = delimiter or _delimiter(path, encoding)
        with (
            path.open(encoding=encoding, newline="") as file,
            written.open("w", encoding="utf-8", newline="\n") as lines,
        ):
            rows = _rows(file, delimiter)
            at, header = next(rows, (1, []))
            parameters = [columns.get(name, name) for name in header]
            for what, got, allowed in _header_faults(header, parameters, columns):
                say("csv-header", at, what, got, allowed)
            if found.counts:
                return JsonLines(None, source, found)
            for line, row in rows:
                if len(row) == len(header):
                    pairs = zip(parameters, row, strict=True)
                    record = {name: cell for name, cell in pairs if name is not None}
                    lines.write(json.dumps(record) + "\n")
                    origin.append(line)
                else:
                    what, got = "has not as many fields as the header", str(len(row))
                    say("csv-row", line, what, got, str(len(header)))
    except OSError as error:
        return unreadable(source, error)
    except LookupError:
        say("line-encoding", None, "has no such encoding", shown(encoding), "a codec of Python")
        return JsonLines(None, source, found)
    except UnicodeError:
        what, allowed = f"is not {encoding}", "UTF-8, or the encoding that you state"
        say("line-encoding", None, what, "other bytes", allowed)
        return JsonLines(None, source, found)
    except csv.Error as error:
        say("csv-row", None, "is not CSV", str(error), "RFC 4180")
        return JsonLines(None, source, found)
    note = f"{source}: CSV in {encoding}, delimiter {shown(delimiter)}, is turned into JSON Lines"
    return JsonLines(written, source, found, (note,), origin)


def _rows(file: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not blank with the line where it begins."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _header_faults(
    header: list[str], parameters: list[str | None], columns: Mapping[str, str | None]
) -> Iterator[tuple[str, str, str]]:
    if not header:
        yield "has no header", "nothing", "a row that names the parameters"
    for name in dict.fromkeys(name for name in parameters if name is not None):
        if parameters.count(name) > 1:
            yield "names a parameter twice", field_name(name), "each parameter once"
    for column in columns:
        if column not in header:
            allowed = ", ".join(map(field_name, header))
            yield "has no column of the mapping", field_name(column), allowed


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in UTF_16_MARKS else "utf-8-sig"


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as file:
        header = file.readline()
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), [])))
