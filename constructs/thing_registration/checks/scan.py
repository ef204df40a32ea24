"""Reads an input file at the speed of its parser.

A chunk of lines is decoded at once by msgspec and held against what can be told of many lines
in one step. That tells only "all clean" or "look again": each line of a chunk that is not clean
is then read exactly, in `line`.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from typing import Annotated, BinaryIO

import msgspec

from thing_registration import limits
from thing_registration.checks.certificates import pem_faults
from thing_registration.checks.line import LineCheck
from thing_registration.checks.part import NAMED_KINDS, Findings, Part
from thing_registration.checks.plan import Plan
from thing_registration.checks.rules import RULES
from thing_registration.checks.values import TEXTS, Kind, text_faults

# With what completes its last line, a chunk stays below the longest line that AWS takes, so that
# no line of it needs to be measured.
_CHUNK_BYTES = 192 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_START = re.compile(rb"\n[^{]")
_PEM_KINDS = (Kind.CSR, Kind.CERTIFICATE, Kind.CA_CERTIFICATE)
# Few distinct values, or none that a set of characters describes.
_LISTED_KINDS = (Kind.STATUS, Kind.PRINCIPAL_TYPE, Kind.POLICY_DOCUMENT)

Row = object
Progress = Callable[[int], None]


def unique_parameters(plan: Plan) -> dict[str, str]:
    """Name the parameters whose values must differ from line to line, each with its rule."""
    certificates = plan.parameters_of(Kind.CSR, Kind.CERTIFICATE, Kind.CERTIFICATE_ID)
    found = dict.fromkeys(certificates, "certificate-twice")
    found.update(dict.fromkeys(plan.parameters_of(Kind.THING_NAME), "thing-name-twice"))
    return found


class Scan:
    """One reading of an input file, or of a part of it.

    Args:
        plan: What the template asks of a line.
        source: The input file, for messages.
        certificates: Whether to look into CSRs and certificates.
    """

    def __init__(self, plan: Plan, source: str, certificates: bool = True) -> None:
        self._plan = plan
        self._exact = LineCheck(plan, source, certificates)
        self._parameters = tuple(plan.defaults)
        self._columns = {name: f"p{i}" for i, name in enumerate(self._parameters)}
        self._decoder = _decoder(plan, self._columns)
        self._source = source
        self._findings = Findings()
        self._unique = unique_parameters(plan)
        self._hashes = {name: array("q") for name in self._unique}
        self._named = {kind: plan.parameters_of(kind) for kind in NAMED_KINDS}
        self._listed = tuple((kind, plan.parameters_of(kind)) for kind in _LISTED_KINDS)
        self._characters = _characters(plan)
        self._pems = {kind: plan.parameters_of(kind) for kind in _PEM_KINDS} if certificates else {}
        self._part = Part(names={kind: set() for kind in NAMED_KINDS})

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
            if at == 0 and chunk.startswith(BYTE_ORDER_MARK):
                part.byte_order_mark = True
                chunk = chunk[len(BYTE_ORDER_MARK) :]
            self._read(chunk if chunk.endswith(b"\n") else chunk + b"\n")
            at = file.tell()
            if progress is not None:
                progress(len(chunk))
        part.counts = dict(self._findings.counts)
        part.first = self._findings.first
        part.hashes = {name: numbers.tobytes() for name, numbers in self._hashes.items()}
        return part

    def _read(self, chunk: bytes) -> None:
        rows = self._clean(chunk)
        if rows is not None:
            self._take(rows)
            return
        for line in chunk.split(b"\n")[:-1]:
            rows = self._clean(line + b"\n")
            if rows is not None:
                self._take(rows)
            else:
                self._look_again(line)

    def _clean(self, chunk: bytes) -> Sequence[Row] | None:
        """Decode whole lines; None unless every one of them is clean, certificates aside."""
        try:
            rows: Sequence[Row] = self._decoder.decode_lines(chunk)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        # As many objects as lines, and each line begins with one: so each line is one object.
        # A quote is counted four times for each key and value, more where a key stands twice or
        # a text holds one.
        if (
            len(chunk) > limits.MAX_LINE_BYTES
            or chunk.count(b"\n") != len(rows)
            or not chunk.startswith(b"{")
            or _LINE_START.search(chunk) is not None
            or chunk.count(b'"') != 4 * self._given(rows)
        ):
            return None
        for names, allowed in self._characters:
            for name in names:
                text = "".join(self._column(rows, name))
                if not text.isascii() or text.encode().translate(None, allowed):
                    return None
        for kind, names in self._listed:
            for name in names:
                if any(text_faults(kind, text) for text in set(self._column(rows, name))):
                    return None
        if b"\r" in chunk:
            self._part.carriage_returns = True
        return rows

    def _given(self, rows: Sequence[Row]) -> int:
        given = len(rows) * len(self._parameters)
        for name, default in self._plan.defaults.items():
            if default is not None:
                field = self._columns[name]
                given -= [getattr(row, field) for row in rows].count(msgspec.UNSET)
        return given

    def _column(self, rows: Sequence[Row], name: str) -> list[str]:
        field = self._columns[name]
        default = self._plan.defaults[name]
        values = [getattr(row, field) for row in rows]
        if default is None:
            return values
        return [default if value is msgspec.UNSET else value for value in values]

    def _take(self, rows: Sequence[Row]) -> None:
        """Remember what must be known of clean lines: names, and what must differ."""
        part = self._part
        for name, numbers in self._hashes.items():
            numbers.extend(map(hash, self._column(rows, name)))
        for kind, names in self._named.items():
            for name in names:
                part.names[kind].update(self._column(rows, name))
        for kind, names in self._pems.items():
            for name in names:
                for offset, text in enumerate(self._column(rows, name), part.lines + 1):
                    for rule, what, got, allowed in pem_faults(kind, text):
                        problem = RULES[rule].problem(
                            self._source, offset, name, what, got, allowed
                        )
                        self._findings.add(problem)
        part.lines += len(rows)
        part.devices += len(rows)

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
            numbers.append(hash(values[name]) if name in values else 0)
        for kind, names in self._named.items():
            part.names[kind].update(values[name] for name in names if name in values)


def _decoder(plan: Plan, columns: dict[str, str]) -> msgspec.json.Decoder[list[Row]]:
    fields: list[tuple[str, object] | tuple[str, object, object]] = []
    for name, default in plan.defaults.items():
        texts = [TEXTS[kind] for kind in plan.kinds_of(name) if kind in TEXTS]
        shortest = max((text.shortest for text in texts), default=0)
        longest = min((text.longest for text in texts), default=limits.MAX_PARAMETER_VALUE_LENGTH)
        length = msgspec.Meta(min_length=shortest, max_length=longest)
        text_type = Annotated[str, length]
        if default is None:
            fields.append((columns[name], text_type))
        else:
            fields.append((columns[name], text_type | msgspec.UnsetType, msgspec.UNSET))
    row = msgspec.defstruct(
        "Row",
        fields,
        rename={column: name for name, column in columns.items()},
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    return msgspec.json.Decoder(row)


def _characters(plan: Plan) -> list[tuple[tuple[str, ...], bytes]]:
    """Group the parameters by the characters that their values may hold."""
    groups: dict[bytes, list[str]] = {}
    for name in plan.defaults:
        kinds = [TEXTS[kind] for kind in plan.kinds_of(name) if kind in TEXTS]
        if kinds:
            characters = bytes(
                code
                for code in range(128)
                if all(re.fullmatch(f"[{text.characters}]", chr(code)) for text in kinds)
            )
            groups.setdefault(characters, []).append(name)
    return [(tuple(names), characters) for characters, names in groups.items()]
