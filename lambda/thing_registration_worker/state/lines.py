"""The lines of a run that were not unchanged, and what becomes of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Literal

from thing_registration_worker.fleet.resolved_device import ResolvedDevice
from thing_registration_worker.fleet.template import CertificateKind
from thing_registration_worker.state.devices import blob, digits

#: The files of a part: lines whose certificate is to be made, and those whose certificate AWS has.
NEW, KNOWN = "new", "known"

Kind = Literal["new", "changed", "same", "unreadable"]
Result = Literal["open", "kept", "refused", "sent", "registered", "failed", "differs"]

_COLUMNS = (
    "number, offset, length, part, kind, name, resources, key, given_id, certificate_id, "
    "certificate_made, is_retired, thing_exists, outcome, file, difference, failure"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is new or changed, or that is compared with AWS's registry itself.

    Attributes:
        number: its number in the user's file, from 1.
        offset, length: where it lies in our copy of the file, in bytes.
        part: in which part it is sent; None for one that cannot be read.
        kind: what the comparison has found.
        name: the thing that it makes; may be empty where it cannot be read.
        resources: the hash of everything that AWS will set.
        key: the public key of a CSR or PEM.
        given_id: the certificate that the line gives, which AWS may not have.
        certificate_id: the certificate that AWS has for it already; empty for none.
        certificate_made: whether an earlier run has made that certificate.
        is_retired: whether an earlier run has set it INACTIVE, or may have.
        thing_exists: whether the thing was there before this run, as far as it is known.
        outcome: what has become of it.
        file: the file that it is sent in.
        difference: what the registry has instead; None until it was asked.
        failure: why it is not sent, or has failed; empty for none.
    """

    number: int
    offset: int
    length: int
    part: int | None
    kind: Kind
    name: str
    resources: bytes | None = None
    key: str = ""
    given_id: str = ""
    certificate_id: str = ""
    certificate_made: bool = False
    is_retired: bool = False
    thing_exists: bool = False
    outcome: Result = "open"
    file: str = ""
    difference: str | None = None
    failure: str = ""

    def device(self, certificate: CertificateKind) -> ResolvedDevice:
        """Return what it declares, in a template whose certificates come from there."""
        return ResolvedDevice(
            self.name, self.resources or b"", certificate, self.key, self.given_id
        )


def add(db: Connection, lines: Iterable[Line]) -> None:
    """Write lines for the first time."""
    marks = ", ".join("?" * 17)
    rows = (
        (
            line.number,
            line.offset,
            line.length,
            line.part,
            line.kind,
            _storable(line.name),
            line.resources,
            blob(line.key),
            blob(line.given_id),
            blob(line.certificate_id),
            line.certificate_made,
            line.is_retired,
            line.thing_exists,
            line.outcome,
            line.file,
            line.difference,
            _storable(line.failure),
        )
        for line in lines
    )
    db.executemany(f"INSERT INTO line ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608


def decide(db: Connection, line: Line) -> None:
    """Write what was decided about a line."""
    db.execute(
        """UPDATE line SET certificate_id = ?, certificate_made = ?, thing_exists = ?, outcome = ?,
        file = ?, failure = ? WHERE number = ?""",
        (
            blob(line.certificate_id),
            line.certificate_made,
            line.thing_exists,
            line.outcome,
            line.file,
            _storable(line.failure),
            line.number,
        ),
    )


def settle(db: Connection, number: int, outcome: Result, failure: str = "") -> None:
    """Write what has become of a line that was sent."""
    db.execute(
        "UPDATE line SET outcome = ?, failure = ? WHERE number = ?",
        (outcome, _storable(failure), number),
    )


def note_difference(db: Connection, number: int, difference: str | None) -> None:
    """Write what the registry has instead of a line; None to ask again."""
    db.execute("UPDATE line SET difference = ? WHERE number = ?", (difference, number))


def of_part(db: Connection, part: int) -> list[Line]:
    """Return the lines of a part, in the order of the file."""
    row = db.execute("SELECT first, last FROM part WHERE part = ?", (part,)).fetchone()
    if row is None:
        return []
    return _select(db, "number BETWEEN ? AND ? AND part = ?", (*row, part))


def first(db: Connection, kind: Kind, count: int) -> list[Line]:
    """Return the first lines of a kind, in the order of the file."""
    return _select(db, "kind = ?", (kind,), count)


def of_file(db: Connection, part: int, file: str) -> list[Line]:
    """Return the lines of one file of a part, in its order."""
    return [line for line in of_part(db, part) if line.file == file]


def reset(db: Connection, part: int) -> None:
    """Forget what was decided about the lines of a part: the registry is asked again."""
    db.execute(
        """UPDATE line SET outcome = 'open', file = '', failure = ''
        WHERE part = ? AND number BETWEEN (SELECT first FROM part WHERE part = ?)
          AND (SELECT last FROM part WHERE part = ?) AND outcome != 'open'""",
        (part, part, part),
    )


def unreadable_names(db: Connection) -> Iterator[str]:
    """Yield the thing names of the lines that cannot be read, where they are known."""
    rows = db.execute("SELECT name FROM line WHERE kind = 'unreadable' AND name != ''")
    for (name,) in rows.fetchall():
        yield str(name)


def _storable(text: str) -> str:
    """Return a text that SQLite can store: one that was cut inside a surrogate pair is not."""
    return text.encode(errors="replace").decode()


def _select(db: Connection, where: str, values: tuple[Any, ...], most: int = -1) -> list[Line]:
    query = f"SELECT {_COLUMNS} FROM line WHERE {where} ORDER BY number LIMIT ?"  # noqa: S608
    return [_line(row) for row in db.execute(query, (*values, most))]


def _line(row: tuple[Any, ...]) -> Line:
    return Line(
        number=row[0],
        offset=row[1],
        length=row[2],
        part=row[3],
        kind=row[4],
        name=row[5],
        resources=row[6],
        key=digits(row[7]),
        given_id=digits(row[8]),
        certificate_id=digits(row[9]),
        certificate_made=bool(row[10]),
        is_retired=bool(row[11]),
        thing_exists=bool(row[12]),
        outcome=row[13],
        file=row[14] or "",
        difference=row[15],
        failure=row[16] or "",
    )
