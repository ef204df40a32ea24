"""Reads an input file at the speed of its parser.

msgspec decodes a chunk of lines, which is then checked by what one step can tell of many lines.
That tells only "all clean" or "look again": each line of a chunk that is not clean is then read
exactly, in `exact_line`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from itertools import islice
from operator import attrgetter, itemgetter, lt
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from thing_registration import limits
from thing_registration.checks.fast.decoder import allowed_characters, line_decoder
from thing_registration.checks.fast.scan_result import ScanResult, Span, joined
from thing_registration.checks.findings import Findings
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.secrets import MARKS
from thing_registration.checks.value_kinds import (
    CERTIFICATE_STATUSES,
    PEM_KINDS,
    PREREQUISITE_KINDS,
    PRINCIPAL_TYPES,
    UNIQUE_KEYS,
    Kind,
)

if TYPE_CHECKING:
    from thing_registration.checks.lines.exact_line import ExactLine

# Below the size from which the C library maps fresh memory for each chunk, which costs more than
# parsing; and so far below the longest line that AWS accepts that no line of it need be measured.
_CHUNK_BYTES = 96 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OPENING = ord("{")
# A policy document has no list: each line that has one is read exactly.
_LISTED_VALUES: dict[Kind, frozenset[str]] = {
    Kind.STATUS: frozenset(CERTIFICATE_STATUSES),
    Kind.PRINCIPAL_TYPE: frozenset(PRINCIPAL_TYPES),
    Kind.POLICY_DOCUMENT: frozenset(),
}
# What is one device's own: its name, and a key by its CSR, its certificate or its certificate's ID.
_UNIQUE_TEXTS = (Kind.THING_NAME, Kind.CERTIFICATE_ID)

Columns = dict[str, list[str]]
Progress = Callable[[int], None]


class Scan:
    """One reading of an input file, or of a range of it.

    Args:
        uses: What the template asks of a line.
        source: The input file, for messages.
        certificates: Whether to read CSRs and certificates.
    """

    def __init__(self, uses: ParameterUses, source: str, certificates: bool = True) -> None:
        self._uses, self._source, self._certificates = uses, source, certificates
        fields = {name: f"p{i}" for i, name in enumerate(uses.defaults)}
        self._decoder = line_decoder(uses, fields)
        self._getters = {name: attrgetter(field) for name, field in fields.items()}
        self._characters = allowed_characters(uses)
        self._listed = [
            (name, listed)
            for kind, listed in _LISTED_VALUES.items()
            for name in uses.parameters_of(kind)
        ]
        self._texts = uses.parameters_of(*_UNIQUE_TEXTS)
        self._pems = uses.parameters_of(*PEM_KINDS) if certificates else ()
        keys = uses.parameters_of(*UNIQUE_KEYS) if certificates else ()
        self._hashes = {name: array("q") for name in (*self._texts, *keys)}
        self._named = {kind: uses.parameters_of(kind) for kind in PREREQUISITE_KINDS}
        self._findings = Findings()
        self._result = ScanResult(
            names={kind: set() for kind in PREREQUISITE_KINDS},
            spans=dict.fromkeys(self._texts, ()),
        )

    @cached_property
    def _exact(self) -> ExactLine:
        # Every rule is imported with it; clean lines need none.
        from thing_registration.checks.lines.exact_line import ExactLine

        return ExactLine(self._uses, self._source, self._certificates)

    def run(
        self, file: BinaryIO, end: int | None = None, progress: Progress | None = None
    ) -> ScanResult:
        """Read lines from the file's position to the first one that begins at `end` or later."""
        result = self._result
        at = file.tell()
        while end is None or at < end:
            wanted = _CHUNK_BYTES if end is None else min(_CHUNK_BYTES, end - at)
            chunk = file.read(wanted)
            if not chunk:
                break
            if not chunk.endswith(b"\n"):
                chunk += file.readline()
            read = len(chunk)
            if at == 0 and chunk.startswith(_BYTE_ORDER_MARK):
                result.byte_order_mark = True
                chunk = chunk[len(_BYTE_ORDER_MARK) :]
            self._read(chunk if chunk.endswith(b"\n") else chunk + b"\n")
            at += read
            if progress is not None:
                progress(read)
        result.counts, result.first = dict(self._findings.counts), self._findings.first
        result.hashes = {name: numbers.tobytes() for name, numbers in self._hashes.items()}
        return result

    def _read(self, chunk: bytes) -> None:
        if self._read_clean(chunk):
            return
        for line in chunk.split(b"\n")[:-1]:
            if not self._read_clean(line + b"\n"):
                self._read_exactly(line)

    def _read_clean(self, chunk: bytes) -> bool:
        """Read whole lines; not one of them unless all are clean, certificates aside."""
        if any(mark in chunk for mark in MARKS):
            return False
        decoded = self._columns(chunk)
        if decoded is None:
            return False
        columns, lines = decoded
        for names, allowed in self._characters:
            text = "".join(["".join(columns[name]) for name in names])
            if text.encode().translate(None, allowed):
                return False
        for name, listed in self._listed:
            if not listed.issuperset(columns[name]):
                return False
        if b"\r" in chunk and b"\r\n" in chunk:
            self._result.carriage_returns = True
        self._keep(columns, lines)
        return True

    def _columns(self, chunk: bytes) -> tuple[Columns, int] | None:
        """Return the values of lines by parameter, and the number of lines.

        None if a line is not plainly an object with the right keys.
        """
        if self._decoder is None:
            return None
        try:
            rows = self._decoder.decode_lines(chunk)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if len(chunk) > limits.MAX_LINE_BYTES or not _one_per_line(chunk, len(rows)):
            return None
        columns = {name: list(map(get, rows)) for name, get in self._getters.items()}
        given = len(rows) * len(columns)
        for name, default in self._uses.defaults.items():
            if default is not None:
                column = columns[name]
                given -= column.count(msgspec.UNSET)
                columns[name] = [default if value is msgspec.UNSET else value for value in column]
        # Each key and each value has two quotes. There are more if a key appears twice, and if a
        # text has one.
        return (columns, len(rows)) if _count(chunk, b'"') == 4 * given else None

    def _keep(self, columns: Columns, lines: int) -> None:
        """Keep what must be known of clean lines: names, and what must differ."""
        for name in self._texts:
            self._hashes[name].extend(map(hash, columns[name]))
            spans = self._result.spans
            if spans[name] is not None:
                spans[name] = joined(spans[name], _span(columns[name]))
        for kind, names in self._named.items():
            for name in names:
                self._result.names[kind].update(columns[name])
        for name in self._pems:
            self._read_pems(name, columns[name])
        self._result.lines += lines
        self._result.devices += lines

    def _read_pems(self, name: str, texts: list[str]) -> None:
        for line, text in enumerate(texts, self._result.lines + 1):
            faults, key = self._exact.pem(name, text)
            if name in self._hashes:
                self._hashes[name].append(hash(key) if key else 0)
            for fault in faults:
                self._findings.add(self._exact.problem(fault, line, name))

    def _read_exactly(self, line: bytes) -> None:
        result = self._result
        result.lines += 1
        if line.endswith(b"\r"):
            result.carriage_returns = True
        values: dict[str, str] = {}
        if line.strip():
            result.devices += 1
            reading = self._exact.read(line.removesuffix(b"\r"), result.lines)
            values = reading.values
            for problem in reading.problems:
                self._findings.add(problem)
        for name, numbers in self._hashes.items():
            unique = self._exact.unique_part(name, values)
            numbers.append(hash(unique) if unique else 0)
        result.spans = dict.fromkeys(self._texts)
        for kind, names in self._named.items():
            result.names[kind].update(values[name] for name in names if name in values)


def _span(values: list[str]) -> Span:
    ordered: list[Any] = values
    if len({*map(len, values)}) > 1:
        ordered = list(zip(map(len, values), values, strict=True))
    return (values[0], values[-1]) if all(map(lt, ordered, islice(ordered, 1, None))) else None


def _one_per_line(chunk: bytes, objects: int) -> bool:
    """Return whether lines, decoded into so many objects, hold one object each.

    They do if there are as many lines as objects and each line begins one: a line break is never
    within a text.
    """
    # Four times as fast as `split`, which looks at every byte.
    lines = BytesIO(chunk).readlines()
    return len(lines) == objects and {*map(itemgetter(0), lines)} == {_OPENING}


def _count(chunk: bytes, character: bytes) -> int:
    """Return how often a rare character appears.

    On lines with a CSR this takes half as long as `count`, which looks at every byte: `replace`
    goes from one to the next.
    """
    return len(chunk) - len(chunk.replace(character, b""))
