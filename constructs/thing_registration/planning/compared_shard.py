"""One of several equal parts of a fleet, compared with the inventory by the worker's own code."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from thing_registration.planning.fast_lines import entry_of, name_reader, text_values
from thing_registration.planning.lambda_code import (
    Comparison,
    Entry,
    Index,
    NameCollector,
    Resolver,
    Shard,
    Verdict,
    name_digest,
)

#: How many of each kind are named; of as many changed devices, AWS's registry is asked.
SHOWN = 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Wanted(msgspec.Struct, frozen=True):
    """What a process compares."""

    template_body: str
    input_file: str
    inventory: str
    shard: int
    of: int


class Line(msgspec.Struct, frozen=True):
    """A line that is not unchanged; the members are those of a `Verdict`."""

    number: int
    kind: str
    thing_name: str = ""
    new_key: bool = False
    problem: str = ""


class Removed(msgspec.Struct, frozen=True):
    """A thing that is no longer in the file, and whether it or its certificate was made here."""

    thing_name: str
    is_made: bool


class ShardResult(msgspec.Struct, frozen=True):
    """What is known of the things of a shard.

    Args:
        first: the first lines of each kind.
        new_keys: how many known things have a new key.
        to_ask: how many lines are sent with a certificate that their thing has.
        unchanged_certified: how many unchanged lines have one.
        open_numbers: the lines, as an array of 32-bit numbers, whose thing is not known to have
            a certificate for their key: another one may have.
        open_keys: for each of them the key, 32 bytes.
        new_numbers: the lines, in the same way, whose thing is not known.
        names: what the lines that are sent refer to.
        removed: the first things that are no longer in the file.
        removed_made: how many of those were made here.
        removed_found: how many were found.
        registered: how many things are registered.
        comparison: what `Comparison.save` returned.
    """

    first: list[Line]
    new_keys: int
    to_ask: int
    unchanged_certified: int
    open_numbers: bytes
    open_keys: bytes
    new_numbers: bytes
    names: bytes
    removed: list[Removed]
    removed_made: int
    removed_found: int
    registered: int
    comparison: bytes


class _NamedIndex(Index):
    """An inventory of some things, which does not know what has become of every key."""

    def by_key(self, key: str) -> Entry | None:
        return None


def compare_shard(wanted: Wanted) -> ShardResult:
    """Compare the lines of the things in a shard with what is registered of these things."""
    shard = Shard(wanted.shard, wanted.of)
    resolver = Resolver(wanted.template_body, text_values)
    template = json.loads(wanted.template_body)
    index = _NamedIndex()
    with open(wanted.inventory, "rb") as entries:
        for line in entries:
            entry = entry_of(line) if line.strip() else None
            if entry is not None and shard.has(name_digest(entry.thing_name)):
                index.add(entry)
    comparison = Comparison(resolver, index)
    counted = _Counted(NameCollector(wanted.template_body))
    with open(wanted.input_file, "rb") as lines:
        routed = _routed(lines, shard, name_reader(template, resolver))
        for verdict in comparison.verdicts(routed):
            counted.add(verdict)
    return counted.result(comparison, index)


def _routed(lines: BinaryIO, shard: Shard, thing_name: Callable[[bytes], str]) -> Iterator[bytes]:
    """Yield the lines of a shard, and in place of others blank ones, which only count."""
    for number, line in enumerate(lines):
        text = line if number else line.removeprefix(_BYTE_ORDER_MARK)
        if shard.of == 1 or text.isspace():
            yield line
            continue
        name = thing_name(text)
        here = shard.has(name_digest(name)) if name else shard.first
        yield line if here else b"\n"


class _Counted:
    """What the verdicts of a shard add up to."""

    def __init__(self, collector: NameCollector) -> None:
        self._collector = collector
        self._first: dict[str, list[Line]] = {"new": [], "changed": [], "unreadable": []}
        self._new_keys = self._to_ask = self._unchanged_certified = 0
        self._open, self._new = array("I"), array("I")
        self._open_keys = bytearray()

    def add(self, verdict: Verdict) -> None:
        """Count a verdict."""
        device = verdict.device
        certified = device is not None and device.certificate in ("csr", "pem")
        if verdict.kind == "unchanged":
            self._unchanged_certified += certified
            return
        first = self._first[verdict.kind]
        if len(first) < SHOWN:
            name = device.thing_name if device else ""
            first.append(Line(verdict.number, verdict.kind, name, verdict.new_key, verdict.problem))
        if device is None:
            return
        self._collector.add(device.names)
        self._new_keys += verdict.new_key
        if verdict.kind == "new":
            self._new.append(verdict.number)
        if certified and verdict.certificate_id:
            self._to_ask += 1
        elif certified:
            self._open.append(verdict.number)
            self._open_keys += bytes.fromhex(device.key)

    def result(self, comparison: Comparison, index: Index) -> ShardResult:
        """Return the counts; call it behind the last verdict."""
        removed: list[Removed] = []
        made = found = 0
        for entry in comparison.removed():
            is_made = entry.thing_made or entry.certificate_made
            if len(removed) < SHOWN:
                removed.append(Removed(entry.thing_name, is_made))
            made, found = made + is_made, found + (not is_made)
        return ShardResult(
            [line for lines in self._first.values() for line in lines],
            self._new_keys,
            self._to_ask,
            self._unchanged_certified,
            self._open.tobytes(),
            bytes(self._open_keys),
            self._new.tobytes(),
            self._collector.names().to_json(),
            removed,
            made,
            found,
            index.count_registered(),
            comparison.save(),
        )


def main() -> None:
    """Read a Wanted from standard input, and write the result to standard output."""
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Wanted)
    sys.stdout.buffer.write(msgspec.msgpack.encode(compare_shard(wanted)))


if __name__ == "__main__":
    main()
