"""Reads an input file at the speed of its parser.

A chunk of lines is decoded by msgspec and held against what can be told of many lines in one
step. That tells only "all clean" or "look again": each line of a chunk that is not clean is then
read exactly, in `line`.
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
from thing_registration.checks.part import NAMED_KINDS, Findings, Part, Span
from thing_registration.checks.plan import Plan
from thing_registration.checks.row import allowed_characters, row_decoder
from thing_registration.checks.values import PEM_KINDS, Kind, text_faults

if TYPE_CHECKING:
    from thing_registration.checks.line import LineCheck

# Below the size from which the C library maps fresh memory for each chunk, which costs more than
# parsing; and so far below the longest line that AWS takes that no line of it need be measured.
_CHUNK_BYTES = 96 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OPENING = ord("{")
# Few distinct values, or none that a set of characters describes.
_LISTED_KINDS = (Kind.STATUS, Kind.PRINCIPAL_TYPE, Kind.POLICY_DOCUMENT)
# What is one device's own: its name, and a key by its CSR, its certificate or its certificate's id.
_UNIQUE_TEXTS = (Kind.THING_NAME, Kind.CERTIFICATE_ID)
_UNIQUE_KEYS = (Kind.CSR, Kind.CERTIFICATE)

Columns = dict[str, list[str]]
Progress = Callable[[int], None]


class Scan:
    """One reading of an input file, or of a part of it.

    Args:
        plan: What the template asks of a line.
        source: The input file, for messages.
        certificates: Whether to look into CSRs and certificates.
    """

    def __init__(self, plan: Plan, source: str, certificates: bool = True) -> None:
        self._plan = plan
        fields = {name: f"p{i}" for i, name in enumerate(plan.defaults)}
        self._decoder = row_decoder(plan, fields)
        self._getters = {name: attrgetter(field) for name, field in fields.items()}
        self._source, self._certificates = source, certificates
        self._findings = Findings()
        self._texts = plan.parameters_of(*_UNIQUE_TEXTS)
        self._pems = plan.parameters_of(*PEM_KINDS) if certificates else ()
        keys = plan.parameters_of(*_UNIQUE_KEYS) if certificates else ()
        self._hashes = {name: array("q") for name in (*self._texts, *keys)}
        self._named = {kind: plan.parameters_of(kind) for kind in NAMED_KINDS}
        self._listed = tuple((kind, plan.parameters_of(kind)) for kind in _LISTED_KINDS)
        self._characters = allowed_characters(plan)
        self._part = Part(
            names={kind: set() for kind in NAMED_KINDS},
            ascending={name: Span() for name in self._texts},
        )

    @cached_property
    def _exact(self) -> LineCheck:
        # Every rule comes with it; where all is clean, none is needed.
        from thing_registration.checks.line import LineCheck

        return LineCheck(self._plan, self._source, self._certificates)

    def run(self, file: BinaryIO, end: int | None = None, progress: Progress | None = None) -> Part:
        """Read lines from where the file stands to the first one that begins at `end` or later."""
        part = self._part
        at = file.tell()
        while end is None or at < end:
            wanted = _CHUNK_BYTES if end is None else min(_CHUNK_BYTES, end - at)
            chunk = file.read(wanted)
            if not chunk:
                break
            if not chunk.endswith(b"\n"):
                chunk += file.readline()
            read = len(chunk)
            if at == 0 and chunk.startswith(BYTE_ORDER_MARK):
                part.byte_order_mark = True
                chunk = chunk[len(BYTE_ORDER_MARK) :]
            self._read(chunk if chunk.endswith(b"\n") else chunk + b"\n")
            at += read
            if progress is not None:
                progress(read)
        part.counts = dict(self._findings.counts)
        part.first = self._findings.first
        part.hashes = {name: numbers.tobytes() for name, numbers in self._hashes.items()}
        return part

    def _read(self, chunk: bytes) -> None:
        if self._clean(chunk):
            return
        for line in chunk.split(b"\n")[:-1]:
            if not self._clean(line + b"\n"):
                self._look_again(line)

    def _clean(self, chunk: bytes) -> bool:
        """Take whole lines; not one of them unless all are clean, certificates aside."""
        if self._decoder is None:
            return False
        try:
            rows = self._decoder.decode_lines(chunk)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        if len(chunk) > limits.MAX_LINE_BYTES or not _one_a_line(chunk, len(rows)):
            return False
        columns = {name: list(map(get, rows)) for name, get in self._getters.items()}
        given = len(rows) * len(columns)
        for name, default in self._plan.defaults.items():
            if default is not None:
                column = columns[name]
                given -= column.count(msgspec.UNSET)
                columns[name] = [default if value is msgspec.UNSET else value for value in column]
        # Each key and each value has two quotes. There are more where a key stands twice, and
        # where a text holds one.
        if _count(chunk, b'"') != 4 * given:
            return False
        for names, allowed in self._characters:
            text = "".join(["".join(columns[name]) for name in names])
            if text.encode().translate(None, allowed):
                return False
        for kind, names in self._listed:
            for name in names:
                if any(text_faults(kind, text) for text in set(columns[name])):
                    return False
        if b"\r" in chunk and b"\r\n" in chunk:
            self._part.carriage_returns = True
        self._take(columns, len(rows))
        return True

    def _take(self, columns: Columns, lines: int) -> None:
        """Remember what must be known of clean lines: names, and what must differ."""
        part = self._part
        for name in self._texts:
            self._hashes[name].extend(map(hash, columns[name]))
            self._ascend(name, columns[name])
        for kind, names in self._named.items():
            for name in names:
                part.names[kind].update(columns[name])
        for name in self._pems:
            self._look_into(name, columns[name])
        part.lines += lines
        part.devices += lines

    def _ascend(self, name: str, values: list[str]) -> None:
        """Remember whether every value of a parameter is greater than the one before.

        A longer one is: so `device-10` follows `device-9`.
        """
        before, span = self._part.ascending.get(name), Span(values[0], values[-1])
        ordered: list[Any] = values
        if len({*map(len, values)}) > 1:
            ordered = list(zip(map(len, values), values, strict=True))
        rises = all(map(lt, ordered, islice(ordered, 1, None)))
        if before is not None and rises and before.then(span):
            self._part.ascending[name] = before.joined(span)
        else:
            self._part.ascending.pop(name, None)

    def _look_into(self, name: str, texts: list[str]) -> None:
        """Read the PEMs of the next lines."""
        for line, text in enumerate(texts, self._part.lines + 1):
            faults, key = self._exact.pem(name, text)
            if name in self._hashes:
                self._hashes[name].append(hash(key) if key else 0)
            for fault in faults:
                self._findings.add(self._exact.problem(line, name, fault))

    def _look_again(self, line: bytes) -> None:
        part = self._part
        part.lines += 1
        if line.endswith(b"\r"):
            part.carriage_returns = True
        values: dict[str, str] = {}
        if line.strip():
            part.devices += 1
            reading = self._exact.read(line.removesuffix(b"\r"), part.lines)
            values = reading.values
            for problem in reading.problems:
                self._findings.add(problem)
        for name, numbers in self._hashes.items():
            own = self._exact.own(name, values)
            numbers.append(hash(own) if own else 0)
            part.ascending.pop(name, None)
        for kind, names in self._named.items():
            part.names[kind].update(values[name] for name in names if name in values)


def _one_a_line(chunk: bytes, objects: int) -> bool:
    """Tell whether lines, decoded into so many objects, hold one object each.

    They do where there are as many lines as objects and each line begins one: a line break never
    stands within a text.
    """
    # Four times as fast as `split`, which looks at every byte.
    lines = BytesIO(chunk).readlines()
    return len(lines) == objects and {*map(itemgetter(0), lines)} == {_OPENING}


def _count(chunk: bytes, character: bytes) -> int:
    """Count a rare character.

    On lines with a CSR this takes half as long as `count`, which looks at every byte: `replace`
    goes from one to the next.
    """
    return len(chunk) - len(chunk.replace(character, b""))
