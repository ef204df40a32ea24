"""Entries of the inventory, packed: 108 bytes each, and the bytes of the thing's name."""

import hashlib
import struct

from thing_registration_worker.fleet.inventory_entry import STATES, Entry, State

# Digest of the thing's name, key, certificate id, version and hash of the resources, time, flags,
# where the thing's name is.
_RECORD = struct.Struct("<16s32s32s17sIBIH")
SIZE = _RECORD.size
NAME_WIDTH, KEY_OFFSET, KEY_WIDTH = 16, 16, 32
_CERTIFICATE, _RESOURCES, _FLAGS = 48, 80, 101
_STATE, _THING_MADE, _CERTIFICATE_MADE, _NAMED = 0x07, 0x08, 0x10, 0x20
_NO_DIGEST = bytes(32)


def name_digest(thing_name: str) -> bytes:
    """Return 16 bytes that stand for a thing's name."""
    return hashlib.sha256(thing_name.encode("utf-8", "surrogatepass")).digest()[:NAME_WIDTH]


def packed_hash(resources_hash: str) -> bytes:
    """Return the version and the hash of resources in 17 bytes; zeros for none."""
    if not resources_hash:
        return bytes(17)
    version, _, digits = resources_hash.partition(":")
    return bytes((int(version),)) + bytes.fromhex(digits)


class PackedEntries:
    """A list of entries in little memory.

    Attributes:
        records: the packed entries, one behind the other.
    """

    def __init__(self) -> None:
        self.records = bytearray()
        self._thing_names = bytearray()

    def __len__(self) -> int:
        return len(self.records) // SIZE

    def append(self, entry: Entry, digest: bytes, named: bool) -> int:
        """Add an entry and return its number.

        Args:
            entry: the entry.
            digest: the digest of its thing's name.
            named: whether it is the entry that counts for its thing.
        """
        thing_name = entry.thing_name.encode("utf-8", "surrogatepass")
        place = (len(self._thing_names), len(thing_name))
        self._thing_names += thing_name
        self.records += _packed(entry, digest, named, place)
        return len(self) - 1

    def replace(self, number: int, entry: Entry, digest: bytes) -> None:
        """Put another entry of the same thing, which counts, in the place of one."""
        at = number * SIZE
        place = _RECORD.unpack_from(self.records, at)[-2:]
        self.records[at : at + SIZE] = _packed(entry, digest, True, place)

    def entry(self, number: int) -> Entry:
        """Return an entry."""
        _, key, certificate, resources, at, flags, start, length = _RECORD.unpack_from(
            self.records, number * SIZE
        )
        return Entry(
            STATES[flags & _STATE],
            self._thing_names[start : start + length].decode("utf-8", "surrogatepass"),
            f"{resources[0]}:{resources[1:].hex()}" if resources[0] else "",
            "" if key == _NO_DIGEST else key.hex(),
            "" if certificate == _NO_DIGEST else certificate.hex(),
            bool(flags & _THING_MADE),
            bool(flags & _CERTIFICATE_MADE),
            at,
        )

    def forget_thing(self, number: int) -> None:
        """Let an entry no longer be the one that counts for its thing."""
        self.records[number * SIZE + _FLAGS] &= ~_NAMED

    def forget_certificate(self, number: int) -> None:
        """Take the certificate from an entry."""
        at = number * SIZE + _CERTIFICATE
        self.records[at : at + 32] = _NO_DIGEST

    def counts(self, number: int, state: State | None = None) -> bool:
        """Return whether an entry is the one that counts for its thing, and has a state.

        Args:
            number: the entry; -1 for none.
            state: the state; None for any.
        """
        if number < 0:
            return False
        flags = self.records[number * SIZE + _FLAGS]
        if state is None:
            return bool(flags & _NAMED)
        return flags & (_NAMED | _STATE) == _NAMED | STATES.index(state)

    def may_be_replaced(self, number: int, entry: Entry) -> bool:
        """Return whether no certificate is forgotten if another entry takes an entry's place."""
        if self.has_key(number, _NO_DIGEST):
            return True
        same = bytes.fromhex(entry.key) or _NO_DIGEST
        certificate_id = bytes.fromhex(entry.certificate_id) or _NO_DIGEST
        return self.has_key(number, same) and (
            self.has_certificate(number, _NO_DIGEST) or self.has_certificate(number, certificate_id)
        )

    def has_resources(self, number: int, packed: bytes) -> bool:
        """Return whether an entry has a hash, as `packed_hash` returns it."""
        return self.records.startswith(packed, number * SIZE + _RESOURCES)

    def has_key(self, number: int, key: bytes) -> bool:
        """Return whether an entry has a key."""
        return self.records.startswith(key, number * SIZE + KEY_OFFSET)

    def has_certificate(self, number: int, certificate_id: bytes) -> bool:
        """Return whether an entry has a certificate."""
        return self.records.startswith(certificate_id, number * SIZE + _CERTIFICATE)

    def is_orphan(self, number: int) -> bool:
        """Return whether an entry is of a certificate that was made without its thing."""
        flags = self.records[number * SIZE + _FLAGS]
        return flags & (_STATE | _CERTIFICATE_MADE) == STATES.index("orphan") | _CERTIFICATE_MADE

    def short_key(self, number: int) -> int:
        """Return the first 8 bytes of the key."""
        at = number * SIZE + KEY_OFFSET
        return int.from_bytes(self.records[at : at + 8], "little")

    def short_digest(self, number: int) -> int:
        """Return the first 8 bytes of the digest of the thing's name."""
        at = number * SIZE
        return int.from_bytes(self.records[at : at + 8], "little")


def _packed(entry: Entry, digest: bytes, named: bool, place: tuple[int, int]) -> bytes:
    flags = (
        STATES.index(entry.state)
        | (_THING_MADE if entry.thing_made else 0)
        | (_CERTIFICATE_MADE if entry.certificate_made else 0)
        | (_NAMED if named else 0)
    )
    return _RECORD.pack(
        digest,
        bytes.fromhex(entry.key),
        bytes.fromhex(entry.certificate_id),
        packed_hash(entry.resources_hash),
        entry.at,
        flags,
        *place,
    )
