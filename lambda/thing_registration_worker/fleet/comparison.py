"""Compare the input file with the inventory: what is new, what has changed, what is left in peace.

A million lines take half a minute. A comparison can stop behind any line and continue in
another process: `save` returns all that it must know, 16 bytes a line.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from thing_registration_worker.fleet.inventory import Index
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.packed_entries import name_digest
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.resolved_device import (
    ResolvedDevice,
    Resolver,
    UnresolvedDevice,
)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Kind = Literal["new", "changed", "unchanged", "unreadable"]


class DuplicateDevice(ValueError):
    """Two lines have one thing name, or one key.

    Attributes:
        what: `thing name` or `key`.
        first: the number of the first line.
        second: the number of the second line.
    """

    def __init__(self, what: str, first: int, second: int) -> None:
        super().__init__(f"line {second} uses the same {what} as line {first}")
        self.what, self.first, self.second = what, first, second


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a line.

    Attributes:
        number: the number of the line in the user's file, from 1; blank lines are counted.
        kind: `unreadable`: AWS cannot register it.
        line: the line.
        device: what it declares; None for an unreadable line.
        known: the inventory's entry of the thing; None for none, and for an unchanged line.
        certificate_id: the certificate that AWS is known to have for the line; empty for none.
        known_as: another thing that was registered with this key; empty for none.
        new_key: whether the thing is known with another key, so that a new certificate is made.
        problem: why the line is unreadable.
    """

    number: int
    kind: Kind
    line: bytes
    device: ResolvedDevice | None = None
    known: Entry | None = None
    certificate_id: str = ""
    known_as: str = ""
    new_key: bool = False
    problem: str = ""


class Comparison:
    """One reading of the input file, perhaps in several pieces.

    Args:
        resolver: the template.
        index: the inventory. If it is a shard, only lines with a thing name of that shard get a
            verdict, and `with_known_key` adds what other shards know.
        saved: what `save` has returned.

    Attributes:
        next_number: the number of the line that is next.
        offset: how many bytes were read; right only if the lines have their line breaks.
        counts: how many verdicts there were of each kind.
    """

    def __init__(self, resolver: Resolver, index: Index, saved: bytes = b"") -> None:
        self._resolver, self._index = resolver, index
        self.next_number, self.offset = 1, 0
        self.counts: dict[str, int] = {"new": 0, "changed": 0, "unchanged": 0, "unreadable": 0}
        # One number per line, also for blank ones, so that the index is the line number; 0: none.
        self._names, self._keys = array("Q"), array("Q")
        # The names on unreadable lines, as far as they are known: their things have not left.
        self._unread_names = set[int]()
        if saved:
            self._restore(saved)

    def verdicts(self, lines: Iterable[bytes]) -> Iterator[Verdict]:
        """Yield the verdict of each line that is not blank, in the order of the file.

        The caller may stop behind any of them, and save.

        Args:
            lines: the lines from `offset` on, with their line breaks.
        """
        for line in lines:
            number = self.next_number
            verdict = self._verdict(number, line)
            self.next_number = number + 1
            self.offset += len(line)
            if verdict is not None:
                self.counts[verdict.kind] += 1
                yield verdict

    def check_duplicates(self) -> None:
        """Check that no thing name and no key is on two lines; call it behind the last one.

        Raises:
            DuplicateDevice: one is.
        """
        check_unique("thing name", self._names)
        check_unique("key", self._keys)

    def removed(self) -> Iterator[Entry]:
        """Yield what is registered or being retired, but was on no line.

        Call it after the last line. A line whose name could not be read may be that of any of them:
        where `counts` has unreadable lines, none of them is known to have left.
        """
        return self._index.registered(but=self._all_names())

    def orphans(self) -> Iterator[Entry]:
        """Yield the certificates without a registered thing whose keys were on no line."""
        return self._index.orphans(but=frozenset(self._keys))

    def keys(self) -> frozenset[int]:
        """Return the first 8 bytes of each key that was on a line; 0 for none."""
        return frozenset(self._keys)

    def count_removed(self) -> int:
        """Return how many things are registered, but were on no line."""
        return self._index.count_registered(but=self._all_names())

    def save(self) -> bytes:
        """Return what another comparison needs to continue behind the last verdict."""
        state = {
            "next_number": self.next_number,
            "offset": self.offset,
            "counts": self.counts,
            "unread_names": sorted(self._unread_names),
        }
        return json.dumps(state).encode() + b"\n" + self._names.tobytes() + self._keys.tobytes()

    def _restore(self, saved: bytes) -> None:
        header, _, digests = saved.partition(b"\n")
        state = json.loads(header)
        self.next_number, self.offset = state["next_number"], state["offset"]
        self.counts = state["counts"]
        self._unread_names = set(state.get("unread_names", ()))
        self._names.frombytes(digests[: len(digests) // 2])
        self._keys.frombytes(digests[len(digests) // 2 :])

    def _verdict(self, number: int, line: bytes) -> Verdict | None:
        """Return the verdict of a line, and remember its name and key; None where it has none."""
        text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if text.isspace() or not text:
            self._remember(b"", b"")
            return None
        shard = self._index.shard
        try:
            device = self._resolver.resolve(text)
        except (UnresolvedDevice, UnreadableCertificate) as error:
            self._remember(b"", b"")
            self._unread_names.add(_number(name_digest(self._resolver.thing_name(text))))
            # Each shard reads the whole file; only the first reports unreadable lines.
            return Verdict(number, "unreadable", line, problem=str(error)) if shard.first else None
        digest, key = name_digest(device.thing_name), bytes.fromhex(device.key)
        here = shard.has(digest)
        self._remember(digest if here else b"", key if key and shard.has(key) else b"")
        if not here:
            return None
        if self._index.has_accepted(device, digest):
            return Verdict(number, "unchanged", line, device)
        return self._judged(number, line, device)

    def _judged(self, number: int, line: bytes, device: ResolvedDevice) -> Verdict:
        known = self._index.by_name(device.thing_name)
        if known is None or known.state == "absent":
            return with_known_key(Verdict(number, "new", line, device, known), self._index)
        new_key = bool(device.key and known.key) and known.key != device.key
        verdict = Verdict(number, "changed", line, device, known, new_key=new_key)
        if known.certificate_id and _fits(known, device):
            return replace(verdict, certificate_id=known.certificate_id)
        return with_known_key(verdict, self._index)

    def _all_names(self) -> frozenset[int]:
        return frozenset(self._names) | self._unread_names

    def _remember(self, digest: bytes, key: bytes) -> None:
        self._names.append(_number(digest))
        self._keys.append(_number(key))


def with_known_key(verdict: Verdict, index: Index) -> Verdict:
    """Return the verdict with the certificate that the inventory has for the line's key.

    Needed only where the inventory is compared in shards: a renamed device's key and its new name
    may be in two of them.
    """
    device = verdict.device
    if device is None or verdict.kind == "unchanged" or verdict.certificate_id:
        return verdict
    entry = index.by_key(device.key)
    if entry is None or not _fits(entry, device):
        return verdict
    other = entry.thing_name if entry.thing_name != device.thing_name else ""
    return replace(verdict, certificate_id=entry.certificate_id, known_as=other)


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "little")


def _fits(entry: Entry, device: ResolvedDevice) -> bool:
    """Return whether an entry's certificate is the one that the device is to have."""
    if device.certificate == "csr":
        return entry.key == device.key
    # A certificate that the user gives is another one if its id is, whatever its key.
    return device.certificate == "pem" and entry.certificate_id == device.certificate_id


def check_unique(what: str, digests: "array[int]") -> None:
    """Check that no two lines have the same number, but for 0.

    Raises:
        DuplicateDevice: two have.
    """
    # Whether all differ is found out by far the fastest. Of so few bytes, two of ten million lines
    # are equal by chance in three of a million files.
    if len(set(digests)) + max(digests.count(0) - 1, 0) == len(digests):
        return
    first: dict[int, int] = {}
    for number, digest in enumerate(digests, 1):
        if digest and first.setdefault(digest, number) != number:
            raise DuplicateDevice(what, first[digest], number)
