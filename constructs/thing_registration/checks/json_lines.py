"""Brings every form of input file into JSON Lines: UTF-8, one object a line.

A file that is JSON Lines already is read where it lies. Whatever is said in another way is told
in `rewrites`.
"""

from __future__ import annotations

import codecs
import json
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from thing_registration.checks.part import Findings
from thing_registration.checks.rules import RULES
from thing_registration.problem import UNUSUAL_NUMBER

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_folder: tempfile.TemporaryDirectory[str] | None = None


@dataclass(frozen=True)
class JsonLines:
    """An input file in the form that is checked line by line.

    Args:
        path: None where the source could not be brought into that form.
        source: The input file as it was given, for messages.
        found: What is wrong with the source's form.
        rewrites: What was said in another way, one sentence each.
        origin: For each line, where it stands in the source; None where that is the same.
    """

    path: Path | None
    source: str
    found: Findings = field(default_factory=Findings)
    rewrites: tuple[str, ...] = ()
    origin: array[int] | None = None

    def at(self, line: int) -> int:
        """Say where a line stands in the source."""
        return self.origin[line - 1] if self.origin else line


def from_path(path: Path, source: str) -> JsonLines:
    """Take a file: JSON Lines as they are, a JSON array or UTF-16 as lines of UTF-8."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if head.startswith(UTF_16_MARKS):
            return _from_utf_16(path, source)
        if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
            return _from_array(path.read_bytes(), source)
    except OSError as error:
        return unreadable(source, error)
    return JsonLines(path, source)


def from_records(records: Iterable[object], source: str) -> JsonLines:
    """Write one line for each record."""
    path = temporary_file("records.jsonl")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(line_of(record) + "\n")
    return JsonLines(path, source)


def line_of(record: object) -> str:
    """Give the JSON of a record in one line; what JSON has not becomes a list, and a problem."""
    if isinstance(record, Mapping):
        record = {key if isinstance(key, str) else repr(key): record[key] for key in record}
    return json.dumps(record, default=lambda value: [repr(value)])


def unreadable(source: str, error: OSError) -> JsonLines:
    """Say that a file cannot be read."""
    reason = error.strerror or str(error)
    got = reason[:1].lower() + reason[1:]
    return _unusable("input-readable", source, "cannot be read", got, "a readable file")


def temporary_file(name: str) -> Path:
    """Name a new file that lives as long as this process."""
    global _folder
    if _folder is None:
        _folder = tempfile.TemporaryDirectory(prefix="thing-registration-")
    return Path(tempfile.mkdtemp(dir=_folder.name)) / name


def _from_utf_16(path: Path, source: str) -> JsonLines:
    try:
        text = path.read_bytes().decode("utf-16")
    except UnicodeDecodeError as error:
        got = f"broken UTF-16 at byte {error.start + 1}"
        return _unusable("line-encoding", source, "is not UTF-8", got, "UTF-8")
    written = temporary_file(f"{path.stem}.jsonl")
    written.write_bytes(text.encode())
    again = from_path(written, source)
    return replace(again, rewrites=(f"{source}: UTF-16 is turned into UTF-8", *again.rewrites))


def _from_array(content: bytes, source: str) -> JsonLines:
    written = temporary_file(f"{Path(source).stem}.jsonl")
    origin = array("q")
    what, allowed = "is not a JSON array", "a JSON array of objects"
    try:
        text = content.decode("utf-8-sig")
        with written.open("w", encoding="utf-8", newline="\n") as file:
            for line, item in _items(text):
                origin.append(line)
                file.write(item + "\n")
    except UnicodeDecodeError as error:
        got = f"byte 0x{content[error.start]:02x} at {error.start + 1}"
        return _unusable("line-encoding", source, "is not UTF-8", got, "UTF-8")
    except json.JSONDecodeError as error:
        got = error.msg[:1].lower() + error.msg[1:]
        place = (error.lineno, error.colno)
        return _unusable("array-json", source, what, got, allowed, *place)
    except RecursionError:
        return _unusable("array-json", source, what, "too many levels", allowed)
    except ValueError:
        return _unusable("array-json", source, what, UNUSUAL_NUMBER, allowed)
    note = f"{source}: the JSON array is turned into one line for each of its objects"
    return JsonLines(written, source, rewrites=(note,), origin=origin)


def _unusable(
    rule: str,
    source: str,
    what: str,
    got: str,
    allowed: str,
    line: int | None = None,
    column: int | None = None,
) -> JsonLines:
    found = Findings()
    found.add(RULES[rule].problem(source, line, None, what, got, allowed, column))
    return JsonLines(None, source, found)


def _items(text: str) -> Iterator[tuple[int, str]]:
    """Give each item of an array with its line, and its JSON with keys that stand twice."""
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs)
    space = json.decoder.WHITESPACE.match  # type: ignore[attr-defined]
    at = space(text, text.index("[") + 1).end()
    line, counted = 1, 0
    if text[at : at + 1] == "]":
        at += 1
    else:
        while True:
            line, counted = line + text.count("\n", counted, at), at
            item, at = decoder.raw_decode(text, at)
            yield line, _dump(item)
            at = space(text, at).end()
            if text[at : at + 1] != ",":
                break
            at = space(text, at + 1).end()
        if text[at : at + 1] != "]":
            raise json.JSONDecodeError("expecting ',' delimiter", text, at)
        at += 1
    at = space(text, at).end()
    if at != len(text):
        raise json.JSONDecodeError("extra data", text, at)


class _Pairs(list[tuple[str, object]]):
    """An object with every key as it stands, those that stand twice included."""


def _dump(item: object) -> str:
    if not isinstance(item, _Pairs):
        return json.dumps(item)
    pairs = ", ".join(f"{json.dumps(key)}: {_dump(value)}" for key, value in item)
    return "{" + pairs + "}"
