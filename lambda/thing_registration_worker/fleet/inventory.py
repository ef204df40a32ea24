"""The inventory: what AWS has accepted of a fleet, folded from the parts that its runs wrote.

It is a cache. The truth is AWS's registry, which is asked about what the inventory does not know.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from thing_registration_worker.fleet.hash_slots import HashSlots
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.packed_entries import (
    KEY_OFFSET,
    KEY_WIDTH,
    NAME_WIDTH,
    SIZE,
    PackedEntries,
    name_digest,
    packed_hash,
)
from thing_registration_worker.fleet.resolved_device import ResolvedDevice

_NO_CERTIFICATE = bytes(32)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of a fleet, by digests."""

    number: int
    of: int

    @property
    def first(self) -> bool:
        """Whether it is the first one."""
        return self.number == 0

    def has(self, digest: bytes) -> bool:
        """Return whether what has this digest is in the shard."""
        # The first eight bytes choose a slot: alike in a whole shard, they would choose the same.
        return self.of == 1 or int.from_bytes(digest[8:12], "little") % self.of == self.number


WHOLE = Shard(0, 1)


def fold(parts: Iterable[Iterable[bytes]], shard: Shard = WHOLE) -> "Index":
    """Return what the parts say together.

    Args:
        parts: the lines of each part, in the order in which the parts were written.
        shard: keep only the things and the keys of this shard.

    Raises:
        InvalidEntry: a line is no entry, or a later version of the library wrote it.
    """
    index = Index(shard)
    for part in parts:
        for line in part:
            if line.strip():
                index.add(Entry.from_line(line))
    return index


class Index:
    """The inventory in memory.

    A thing is found by its name: its latest entry. A certificate is found by its key: the latest
    entry that has one for it, even if its thing has another key by now, or was never registered.
    """

    def __init__(self, shard: Shard = WHOLE) -> None:
        self.shard = shard
        self._entries = PackedEntries()
        records = self._entries.records
        self._by_name = HashSlots(records, SIZE, 0, NAME_WIDTH)
        self._by_key = HashSlots(records, SIZE, KEY_OFFSET, KEY_WIDTH)

    def add(self, entry: Entry) -> None:
        """Add an entry, which wins over the earlier ones of its thing."""
        digest, key = name_digest(entry.thing_name), bytes.fromhex(entry.key)
        named = entry.state != "orphan" and self.shard.has(digest)
        keyed = bool(key and entry.certificate_id) and self.shard.has(key)
        before = self._by_name.find(digest) if named else -1
        if entry.state == "removed":
            self._remove(entry, before, key if keyed else b"")
        elif named or keyed:
            number = self._put(entry, digest, before, named)
            if named:
                self._by_name.point(digest, number)
            if keyed:
                self._by_key.point(key, number)

    def by_name(self, thing_name: str) -> Entry | None:
        """Return the latest entry of a thing; None for one that was removed."""
        number = self._by_name.find(name_digest(thing_name))
        return self._entries.entry(number) if self._entries.counts(number) else None

    def by_key(self, key: str) -> Entry | None:
        """Return the latest entry that has a certificate for a key, whatever its thing."""
        number = self._by_key.find(bytes.fromhex(key)) if key else -1
        if number < 0 or self._entries.has_certificate(number, _NO_CERTIFICATE):
            return None
        return self._entries.entry(number)

    def has_accepted(self, device: ResolvedDevice, digest: bytes) -> bool:
        """Return whether AWS has registered exactly this device.

        Args:
            device: the device.
            digest: the digest of its thing's name.
        """
        entries, number = self._entries, self._by_name.find(digest)
        return (
            entries.counts(number, "registered")
            and entries.has_resources(number, packed_hash(device.resources_hash))
            and (device.certificate != "csr" or entries.has_key(number, bytes.fromhex(device.key)))
            and self._has_certificate_of(device, number)
        )

    def registered(self, but: Container[int] = ()) -> Iterator[Entry]:
        """Yield the latest entry of each thing that is registered, or still being retired.

        Args:
            but: the first 8 bytes of the digests of the names of things to leave out.
        """
        entries = self._entries
        for number in range(len(entries)):
            if self._is_there(number) and entries.short_digest(number) not in but:
                yield entries.entry(number)

    def count_registered(self, but: Container[int] = ()) -> int:
        """Return how many things `registered` yields."""
        entries = self._entries
        return sum(
            self._is_there(number) and entries.short_digest(number) not in but
            for number in range(len(entries))
        )

    def orphans(self, but: Container[int] = ()) -> Iterator[Entry]:
        """Yield the entries of certificates that we made, and whose things are not registered.

        Args:
            but: the first 8 bytes of the keys to leave out.
        """
        for number in range(len(self._entries)):
            if self._entries.is_orphan(number) and self._entries.short_key(number) not in but:
                entry = self._entries.entry(number)
                named = self.by_name(entry.thing_name)
                if self.by_key(entry.key) == entry and (named is None or named.state == "absent"):
                    yield entry

    def made(self, claimed: bool = False) -> Iterator[Entry]:
        """Yield the entry of each thing or certificate that this resource has made.

        Only the latest entry of a thing says that the thing was made.

        Args:
            claimed: what was found and registered is ours as well.
        """
        entries = self._entries
        for number in range(len(entries)):
            entry = entries.entry(number)
            if not entries.counts(number):
                entry = replace(entry, thing_made=False)
                known = self.by_key(entry.key)
                # It was deleted, or its key has another by now.
                if known is None or known.certificate_id != entry.certificate_id:
                    continue
            elif claimed:
                entry = entry.claimed()
            if entry.is_made:
                yield entry

    def _has_certificate_of(self, device: ResolvedDevice, number: int) -> bool:
        """Return whether an entry that has the device's resources has its certificate as well."""
        if device.certificate == "pem":
            # Which one is in the resources; AWS alone says under which id it has it.
            return not self._entries.has_certificate(number, _NO_CERTIFICATE)
        return self._entries.has_certificate(number, bytes.fromhex(device.certificate_id))

    def _is_there(self, number: int) -> bool:
        return self._entries.counts(number, "registered") or self._entries.counts(
            number, "retiring"
        )

    def _put(self, entry: Entry, digest: bytes, before: int, named: bool) -> int:
        """Write an entry over the one before, unless that is the only one that has its key."""
        if before >= 0:
            if self._entries.may_be_replaced(before, entry):
                self._entries.replace(before, entry, digest)
                return before
            self._entries.forget_thing(before)
        return self._entries.append(entry, digest, named)

    def _remove(self, entry: Entry, before: int, key: bytes) -> None:
        """Forget a thing, and its certificate where that was deleted too."""
        if before >= 0:
            self._entries.forget_thing(before)
        number = self._by_key.find(key) if key else -1
        if number >= 0 and self._entries.has_certificate(
            number, bytes.fromhex(entry.certificate_id)
        ):
            self._entries.forget_certificate(number)
