"""Which line of the input file has which thing and which key."""

from array import array
from sqlite3 import Connection


class LineNumbers:
    """The numbers of the lines that were read; those of keys, when all were.

    Args:
        db: the state: things, and the lines that are new or changed.
        with_keys: whether the lines have keys. What things had under an earlier template is on
            no line.
    """

    def __init__(self, db: Connection, *, with_keys: bool) -> None:
        self._db, self._with_keys = db, with_keys
        # By the thing's id; 0 for none.
        self._of_things = array("I")
        # The lines of devices with a new key, by that key; and the ids of those devices.
        self._of_new_keys: dict[bytes, set[int]] | None = None
        self._with_new_key: set[int] = set()

    def note(self, id_: int, number: int) -> None:
        """Note that a line has the thing of an id."""
        numbers = self._of_things
        missing = id_ + 1 - len(numbers)
        if missing > 0:
            numbers.frombytes(bytes(numbers.itemsize * max(missing, len(numbers) // 2)))
        numbers[id_] = number

    def of_thing(self, id_: int) -> int:
        """Return the number of the line that has a thing; 0 for none."""
        return self._of_things[id_] if id_ < len(self._of_things) else 0

    def of_key(self, key: bytes) -> set[int]:
        """Return the numbers of the lines that have a key."""
        if not self._with_keys:
            return set()
        if self._of_new_keys is None:
            self._of_new_keys = self._read_new_keys()
        rows = self._db.execute(
            """SELECT id FROM thing WHERE substr(key, 1, 8) = substr(:key, 1, 8)
            AND key = :key AND key IS NOT NULL""",
            {"key": key},
        )
        numbers = {self.of_thing(id_) for (id_,) in rows if id_ not in self._with_new_key}
        return (numbers - {0}) | self._of_new_keys.get(key, set())

    def shared_keys(self) -> set[bytes]:
        """Return the keys that may be on two lines."""
        if not self._with_keys:
            return set()
        db = self._db
        begins = db.execute(
            """SELECT substr(key, 1, 8) FROM thing WHERE key IS NOT NULL
            GROUP BY substr(key, 1, 8) HAVING count(*) > 1"""
        )
        found: set[bytes] = set()
        for (begin,) in begins.fetchall():
            rows = db.execute(
                "SELECT key FROM thing WHERE substr(key, 1, 8) = ? AND key IS NOT NULL", (begin,)
            )
            found.update(key for (key,) in rows)
        # Those of devices with a new key are on lines only.
        return found | {key for key, _, _ in self._new_keys()}

    def to_bytes(self) -> bytes:
        """Return them as they are kept for the next call."""
        return self._of_things.tobytes()

    def restore(self, kept: bytes) -> None:
        """Go on with what `to_bytes` has returned."""
        self._of_things.frombytes(kept)

    def _read_new_keys(self) -> dict[bytes, set[int]]:
        found: dict[bytes, set[int]] = {}
        for key, number, id_ in self._new_keys():
            found.setdefault(key, set()).add(number)
            self._with_new_key.add(id_)
        return found

    def _new_keys(self) -> list[tuple[bytes, int, int]]:
        """Return the key, the number and the thing of each line whose thing had another key."""
        return self._db.execute(
            """SELECT line.key, line.number, thing.id FROM line
            JOIN thing ON thing.name = line.name WHERE line.key IS NOT NULL
            AND thing.key IS NOT line.key"""
        ).fetchall()
