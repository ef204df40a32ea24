"""The things of an inventory in little memory and time: enough to find what is unchanged.

The text of an entry up to its key shows what was registered. A line that would give the same text
is unchanged, and need not be compared any further. A test holds this against the worker's code.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

from thing_registration.planning.fast_lines import entry_of
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.resolved_device import CertificateKind, ResolvedDevice

# How `Entry.to_line` begins for a thing that AWS has registered.
_BEGINNING = b'{"version":1,"state":"registered","thingName":"'
# In the place of an entry's text: of a thing that is not registered, whatever else is known of it;
# of one that a line has, unchanged; of a registered one whose entry is not written as expected.
_NOT_REGISTERED, _UNCHANGED, _REGISTERED = 0, 1, 2
_64_BITS = 0xFFFF_FFFF_FFFF_FFFF


def name_number(thing_name: str) -> int:
    """Return a number that stands for a name in processes with one hash seed; 0 for no name.

    Of so few bits, two of ten million names are equal by chance in three of a million files.
    """
    return _number(quoted(thing_name)[1:-1].encode()) if thing_name else 0


class KnownThings:
    """What an inventory says of the things of a shard.

    Args:
        inventory: its parts, one behind the other.
        certificate: where the certificate of every device comes from.
        shard: the number of the shard, and of how many.

    Attributes:
        registered: how many things are registered.
    """

    def __init__(self, inventory: Path, certificate: CertificateKind, shard: tuple[int, int]):
        self._inventory = inventory
        self._shard, self._of = shard
        digits = "0" * 64
        key = digits if certificate in ("csr", "pem") else ""
        certificate_id = digits if certificate in ("pem", "id") else ""
        device = ResolvedDevice("", f"1:{'0' * 32}", certificate, key, certificate_id)
        self._rest = len(_rest(device))
        self._evidence: dict[int, int] = {}
        for number, line, end in self._entries():
            if end:
                self._evidence[number] = hash(line[: end + self._rest])
            else:
                self._add(number, entry_of(line))
        self.registered = sum(one != _NOT_REGISTERED for one in self._evidence.values())

    def _add(self, number: int, entry: Entry) -> None:
        # A certificate that no thing has says nothing of the thing that it was made for.
        if entry.state != "orphan":
            is_registered = entry.state in ("registered", "retiring")
            self._evidence[number] = _REGISTERED if is_registered else _NOT_REGISTERED

    def __contains__(self, number: int) -> bool:
        return number in self._evidence

    def is_unchanged(self, number: int, device: ResolvedDevice) -> bool:
        """Return whether the latest entry of a thing says exactly what a line does.

        Where it does not, only a comparison tells.

        Args:
            number: that of the device's name.
            device: the device.
        """
        name = quoted(device.thing_name)[1:-1].encode()
        if self._evidence.get(number) != hash(b"".join((_BEGINNING, name, _rest(device)))):
            return False
        self._evidence[number] = _UNCHANGED
        return True

    def was_unchanged(self, number: int) -> bool:
        """Return whether that was found of a thing."""
        return self._evidence.get(number) == _UNCHANGED

    def others(self) -> set[int]:
        """Return the registered things for which nothing was found to be unchanged."""
        answered = (_NOT_REGISTERED, _UNCHANGED)
        return {number for number, one in self._evidence.items() if one not in answered}

    def entries(self, numbers: Container[int]) -> Iterator[Entry]:
        """Yield the entries of some things, in the order in which they were written."""
        for number, line, _ in self._entries():
            if number in numbers:
                yield entry_of(line)

    def _entries(self) -> Iterator[tuple[int, bytes, int]]:
        """Yield the number of a thing, its entry, and where its name ends in it.

        The name ends at 0 where the line has to be read as JSON, such as where it does not begin as
        that of a registered thing does.
        """
        start, shard, of = len(_BEGINNING), self._shard, self._of
        with self._inventory.open("rb") as lines:
            for line in lines:
                end = line.find(b'"', start) if line.startswith(_BEGINNING) else 0
                if end and line.find(b"\\", start, end) < 0:
                    number = _number(line[start:end])
                elif line.isspace():
                    continue
                else:
                    entry = entry_of(line)
                    number, end = name_number(entry.thing_name), 0
                if number % of == shard:
                    yield number, line, end


def _number(name: bytes) -> int:
    return hash(name) & _64_BITS or 1


def _rest(device: ResolvedDevice) -> bytes:
    """Return how an entry goes on behind the name, up to the last thing that the device says."""
    text = f'","resourcesHash":"{device.resources_hash}"'
    if device.key:
        text += f',"publicKey":"{device.key}"'
    if device.certificate_id:
        text += f',"certificateId":"{device.certificate_id}"'
    return text.encode()
