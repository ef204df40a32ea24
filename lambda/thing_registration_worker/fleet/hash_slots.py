"""A hash table over packed records: four bytes a slot, where a dict needs a hundred a record.

Open addressing with linear probing, https://en.wikipedia.org/wiki/Linear_probing. The keys are
digests, so that their first bytes are the hash.
"""

from array import array

_FEWEST = 1 << 10
# More than half full, a table makes a lookup look at many records.
_SLOTS_PER_RECORD = 2


class HashSlots:
    """Finds a record by a field of it.

    Args:
        records: the records, one behind the other; the caller appends to it.
        size: bytes of a record.
        offset: where the field begins in a record.
        width: bytes of the field, at least 8.
    """

    def __init__(self, records: bytearray, size: int, offset: int, width: int) -> None:
        self._records, self._size, self._offset, self._width = records, size, offset, width
        self._slots = array("I", bytes(4 * _FEWEST))
        self._used = 0

    def find(self, field: bytes) -> int:
        """Return the number of the record that has this field; -1 for none."""
        return self._slots[self._slot(field)] - 1

    def point(self, field: bytes, number: int) -> None:
        """Make the field find a record, instead of the one that it found before."""
        slot = self._slot(field)
        if not self._slots[slot]:
            self._used += 1
        self._slots[slot] = number + 1
        if self._used * _SLOTS_PER_RECORD > len(self._slots):
            self._grow()

    def _slot(self, field: bytes) -> int:
        """Return the slot of a field: the one that has its record, or the free one for it."""
        slots, records, size, offset = self._slots, self._records, self._size, self._offset
        mask = len(slots) - 1
        slot = int.from_bytes(field[:8], "little") & mask
        while slots[slot] and not records.startswith(field, (slots[slot] - 1) * size + offset):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        numbers = [number for number in self._slots if number]
        self._slots = array("I", bytes(8 * len(self._slots)))
        for number in numbers:
            at = (number - 1) * self._size + self._offset
            self._slots[self._slot(bytes(self._records[at : at + self._width]))] = number
