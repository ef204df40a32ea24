"""One of several equal parts of a fleet, compared with the inventory by the worker's own code."""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

import msgspec

from thing_registration.planning.fast_lines import name_reader, text_values
from thing_registration.planning.known_things import KnownThings, name_number
from thing_registration.planning.shard_result import SHOWN, Line, Removed, ShardResult, Wanted
from thing_registration_worker.fleet.comparison import Comparison, Verdict
from thing_registration_worker.fleet.inventory import Index
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _NamedIndex(Index):
    """An inventory of some things, which does not know what has become of every key."""

    def by_key(self, key: str) -> Entry | None:
        return None


def compare_shard(wanted: Wanted) -> ShardResult:
    """Compare the lines of the things in a shard with what is registered of these things.

    Most lines are unchanged, and found to be by the texts of their entries. The others are compared
    by the worker's code, with the entries that matter to them.
    """
    resolver = Resolver(wanted.template_body, text_values)
    shard = (wanted.shard, wanted.of)
    known = KnownThings(Path(wanted.inventory), resolver.certificate, shard)
    lines = _Lines(wanted, resolver, known)
    index = _NamedIndex()
    for entry in known.entries(lines.other_things | known.others()):
        index.add(entry)
    comparison = Comparison(resolver, index)
    counted = _Counted(NameCollector(wanted.template_body), lines)
    for verdict in comparison.verdicts(lines.others(comparison)):
        counted.add(verdict)
    return counted.result(comparison, known)


class _Lines:
    """The lines of a shard, after a first look at them.

    Attributes:
        thing_names: that of `ShardResult`, without the lines that may have changed.
        keys: in the same way.
        unchanged: how many lines are unchanged for sure.
        other_things: the numbers of the things of the other lines.
    """

    def __init__(self, wanted: Wanted, resolver: Resolver, known: KnownThings) -> None:
        self._file = wanted.input_file
        self.thing_names, self.keys, self._others = array("Q"), array("Q"), array("I")
        self.unchanged, self.other_things = 0, set[int]()
        thing_name = name_reader(json.loads(wanted.template_body), resolver)
        with open(wanted.input_file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
                thing = name_number(thing_name(text))
                here = thing % wanted.of == wanted.shard
                key = _unchanged_key(resolver, known, thing, text) if here else None
                self.thing_names.append(0 if key is None else thing)
                self.keys.append(key or 0)
                if key is not None:
                    self.unchanged += 1
                elif here:
                    self._others.append(number)
                    self.other_things.add(thing)

    def others(self, comparison: Comparison) -> Iterator[bytes]:
        """Yield the lines that may have changed; the comparison is told their numbers."""
        numbers = iter(self._others)
        number = next(numbers, 0)
        if not number:
            return
        with open(self._file, "rb") as lines:
            for at, line in enumerate(lines, 1):
                if at == number:
                    comparison.next_number = number
                    yield line
                    number = next(numbers, 0)


def _unchanged_key(resolver: Resolver, known: KnownThings, thing: int, line: bytes) -> int | None:
    """Return the key of a line that is unchanged for sure, 0 for none; None for another line."""
    if thing not in known:
        return None
    try:
        device = resolver.resolve(line)
    except (UnresolvedDevice, UnreadableCertificate):
        return None
    return key_number(device.key) if known.is_unchanged(thing, device) else None


def key_number(key: str) -> int:
    """Return a number that stands for a key; 0 for none."""
    return int(key[:16] or "0", 16)


class _Counted:
    """What the verdicts on lines add up to."""

    def __init__(self, collector: NameCollector, lines: _Lines) -> None:
        self._collector, self._lines = collector, lines
        self._first: dict[str, list[Line]] = {"new": [], "changed": [], "unreadable": []}
        self._new_keys = self._to_ask = 0
        self._open, self._new = array("I"), array("I")
        self._open_keys = bytearray()

    def add(self, verdict: Verdict) -> None:
        """Count a verdict."""
        device = verdict.device
        if device is not None:
            self._lines.thing_names[verdict.number - 1] = name_number(device.thing_name)
            self._lines.keys[verdict.number - 1] = key_number(device.key)
        if verdict.kind == "unchanged":
            return
        first = self._first[verdict.kind]
        if len(first) < SHOWN:
            name = device.thing_name if device else ""
            returns = verdict.known is not None and verdict.known.is_retired
            first.append(
                Line(verdict.number, verdict.kind, name, verdict.new_key, verdict.problem, returns)
            )
        if device is None:
            return
        self._collector.add(device.names)
        self._new_keys += verdict.new_key
        if verdict.kind == "new":
            self._new.append(verdict.number)
        certified = device.certificate in ("csr", "pem")
        if certified and verdict.certificate_id:
            self._to_ask += 1
        elif certified:
            self._open.append(verdict.number)
            self._open_keys += bytes.fromhex(device.key)

    def result(self, comparison: Comparison, known: KnownThings) -> ShardResult:
        """Return the counts; call it behind the last verdict."""
        removed: list[Removed] = []
        made, found = array("Q"), array("Q")
        for entry in comparison.removed():
            # The comparison did not see the unchanged line beside an unreadable one.
            if known.was_unchanged(name_number(entry.thing_name)):
                continue
            is_made, key = entry.thing_made or entry.certificate_made, key_number(entry.key)
            if len(removed) < SHOWN:
                removed.append(Removed(entry.thing_name, is_made, key=key))
            (made if is_made else found).append(key)
        counts = dict(comparison.counts)
        counts["unchanged"] += self._lines.unchanged
        return ShardResult(
            [line for lines in self._first.values() for line in lines],
            self._new_keys,
            self._to_ask,
            self._open.tobytes(),
            bytes(self._open_keys),
            self._new.tobytes(),
            self._collector.names().to_json(),
            removed,
            made.tobytes(),
            found.tobytes(),
            known.registered,
            counts,
            self._lines.thing_names.tobytes(),
            self._lines.keys.tobytes(),
        )


def main() -> None:
    """Read a Wanted from standard input, and write the result to standard output."""
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Wanted)
    sys.stdout.buffer.write(msgspec.msgpack.encode(compare_shard(wanted)))
