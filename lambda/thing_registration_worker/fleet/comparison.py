"""Compare the input file with the state: what is new, what has changed, what is left in peace.

A million lines take half a minute. A comparison can stop behind any line; `save` keeps in the state
where it stands, and another one goes on there.
"""

from collections.abc import Callable, Iterable
from sqlite3 import Connection
from typing import Any

from thing_registration_worker.fleet.acceptance import fits, is_accepted
from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK, MAX_LINE_BYTES
from thing_registration_worker.fleet.line_numbers import LineNumbers
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.resolved_device import (
    ResolvedDevice,
    Resolver,
    UnresolvedDevice,
)
from thing_registration_worker.fleet.run_size import PART_LINES
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.lines import Kind, Line
from thing_registration_worker.state.schema import DECLARED, FOUND

# So many lines are written at once.
_PIECE = 1_000
_NUMBERS = ("next_number", "offset", "lines", "unchanged", "unread", "part", "in_part")
_BY_NAME = "SELECT id, state, resources, key, certificate_id FROM thing WHERE name = ?"
_SCRATCH = ("line", "part", "prerequisite", "leaving", "status", "comparison")


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


class LineTooLong(ValueError):
    """A line has more bytes than AWS accepts.

    Attributes:
        number: its number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} has more than {MAX_LINE_BYTES} bytes")
        self.number = number


class Comparison:
    """One reading of the input file, perhaps in several calls.

    Args:
        resolver: the template.
        db: the state; what is found is written into it.
        collector: what the lines refer to; the names so far are in the state.
        run: names the reading: what another one has left is not gone on with.
        compare_all: unchanged lines are to be compared with AWS's registry.

    Attributes:
        offset: how many bytes were read.
        lines: how many lines were read that are not blank.
        unchanged: how many of them AWS has accepted as they are.
        unread: how many of them cannot be read.
        parts: how many parts are to be sent.
        line_numbers: which line has which thing and which key.
    """

    def __init__(
        self,
        resolver: Resolver,
        db: Connection,
        collector: NameCollector,
        *,
        run: str = "",
        compare_all: bool = False,
    ) -> None:
        self._resolver, self._db, self._compare_all = resolver, db, compare_all
        self._run = run
        self._collector = collector
        self.line_numbers = LineNumbers(db, with_keys=resolver.certificate in ("csr", "pem"))
        self._select = db.cursor().execute
        self.next_number, self.offset = 1, 0
        self.lines = self.unchanged = self.unread = 0
        self.part = self.in_part = 0
        self._new: list[Line] = []
        self._restore()

    @property
    def parts(self) -> int:
        """How many parts are to be sent."""
        return self.part + bool(self.in_part)

    def read(self, texts: Iterable[bytes], is_over: Callable[[], bool]) -> bool:
        """Compare line by line; return whether the file was read to its end.

        Args:
            texts: the lines from `offset` on, with their line breaks.
            is_over: whether to stop here.

        Raises:
            DuplicateDevice: two lines have one thing name.
            LineTooLong: a line has more bytes than AWS accepts.
        """
        for text in texts:
            if len(text) > MAX_LINE_BYTES and len(text.rstrip(b"\r\n")) > MAX_LINE_BYTES:
                raise LineTooLong(self.next_number)
            self._compare(text)
            self.next_number += 1
            self.offset += len(text)
            if len(self._new) == _PIECE:
                self._write()
            if is_over():
                return False
        return True

    def _compare(self, text: bytes) -> None:
        number = self.next_number
        body = text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text
        if body.isspace() or not body:
            return
        self.lines += 1
        try:
            device = self._resolver.resolve(body)
        except (UnresolvedDevice, UnreadableCertificate) as error:
            self._add_unreadable(number, text, body, str(error))
            return
        row = self._select(_BY_NAME, (device.thing_name,)).fetchone()
        if row is None:
            self._add(number, text, "new", device, None)
            return
        first = self.line_numbers.of_thing(row[0])
        if first:
            raise DuplicateDevice("thing name", first, number)
        self.line_numbers.note(row[0], number)
        if not is_accepted(device, row):
            self._add(number, text, "new" if row[1] < FOUND else "changed", device, row)
        elif self._compare_all:
            self._add(number, text, "same", device, row)
        else:
            self.unchanged += 1

    def check_keys(self) -> None:
        """Check that no key is on two lines; call it behind the last one.

        Raises:
            DuplicateDevice: one is.
        """
        self._write()
        for key in self.line_numbers.shared_keys():
            numbers = sorted(self.line_numbers.of_key(key))
            if len(numbers) > 1:
                raise DuplicateDevice("key", numbers[0], numbers[1])

    def save(self) -> None:
        """Keep where it stands, for the next call."""
        self._write()
        values: list[tuple[str, Any]] = [(name, getattr(self, name)) for name in _NUMBERS]
        values += [("seen", self.line_numbers.to_bytes()), ("run", self._run)]
        self._db.executemany(
            "INSERT OR REPLACE INTO comparison (name, value) VALUES (?, ?)", values
        )
        self._collector.save(self._db)

    def end(self) -> None:
        """Forget where it stands."""
        self._write()
        self._db.execute("DELETE FROM comparison")
        self._collector.save(self._db)

    def _restore(self) -> None:
        found = dict(self._db.execute("SELECT name, value FROM comparison"))
        if found.get("run") != self._run:
            for table in _SCRATCH:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608
            # New things of a run that sent nothing are in nobody's way.
            self._db.execute("DELETE FROM thing WHERE state = ?", (DECLARED,))
            return
        for name in _NUMBERS:
            setattr(self, name, found[name])
        self.line_numbers.restore(found["seen"])
        self._collector.restore(self._db)

    def _add(
        self,
        number: int,
        text: bytes,
        kind: Kind,
        device: ResolvedDevice,
        row: tuple[Any, ...] | None,
    ) -> None:
        """Add a line that is to be sent, or to be compared with AWS's registry."""
        if row is None:
            self.line_numbers.note(self._declare(device), number)
        elif row[4] is None and row[1] <= FOUND:
            values = (devices.blob(device.key), row[0])
            self._db.execute("UPDATE thing SET key = ? WHERE id = ?", values)
        certificate_id, made, is_retired = self._known_certificate(kind, device, row)
        self._new.append(
            Line(
                number=number,
                offset=self.offset,
                length=len(text),
                part=self.part,
                kind=kind,
                name=device.thing_name,
                resources=device.resources,
                key=device.key,
                given_id=device.certificate_id,
                certificate_id=certificate_id,
                certificate_made=made,
                is_retired=is_retired,
                thing_exists=row is not None and row[1] >= FOUND,
            )
        )
        self._collector.add(device.names)
        self.in_part += 1
        if self.in_part == PART_LINES:
            self.part, self.in_part = self.part + 1, 0

    def _add_unreadable(self, number: int, text: bytes, body: bytes, problem: str) -> None:
        self.unread += 1
        self._new.append(
            Line(
                number=number,
                offset=self.offset,
                length=len(text),
                part=None,
                kind="unreadable",
                name=self._resolver.thing_name(body),
                outcome="refused",
                failure=problem,
            )
        )

    def _declare(self, device: ResolvedDevice) -> int:
        """Add a thing of which nothing is known."""
        cursor = self._db.execute(
            "INSERT INTO thing (name, state, key) VALUES (?, ?, ?)",
            (device.thing_name, DECLARED, devices.blob(device.key)),
        )
        return int(cursor.lastrowid or 0)

    def _known_certificate(
        self, kind: Kind, device: ResolvedDevice, row: tuple[Any, ...] | None
    ) -> tuple[str, bool, bool]:
        """Return the certificate that AWS is known to have for a line, its maker and its state."""
        if row is not None and row[4] is not None and (kind == "same" or fits(device, row)):
            thing = devices.by_name(self._db, device.thing_name)
            assert thing is not None  # noqa: S101 - its row was just read
            return thing.certificate_id, thing.certificate_made, thing.is_retired
        if kind == "same" or device.certificate not in ("csr", "pem"):
            return "", False, False
        known = devices.by_key(self._db, device.key)
        if known is None or (
            device.certificate == "pem" and known.certificate_id != device.certificate_id
        ):
            return "", False, False
        return known.certificate_id, known.made, known.is_retired

    def _write(self) -> None:
        """Write the lines that were added."""
        if not self._new:
            return
        lines.add(self._db, self._new)
        sent = [line for line in self._new if line.part is not None]
        self._db.executemany(
            """INSERT INTO part (part, first, last) VALUES (:part, :number, :number)
            ON CONFLICT (part) DO UPDATE SET last = :number""",
            [{"part": line.part, "number": line.number} for line in sent],
        )
        self._new.clear()
