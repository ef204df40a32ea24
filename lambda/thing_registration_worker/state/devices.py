"""What the state knows of things and of their certificates."""

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from thing_registration_worker.state.schema import (
    IN_FLEET,
    OUT_OF_USE,
    REGISTERED,
)

_COLUMNS = (
    "id, name, state, resources, key, certificate_id, thing_made, certificate_made, returned_by, at"
)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is known of a thing since a moment; see `schema`. Ids and keys are hexadecimal digits.

    Attributes:
        id: its number in the state.
        name: its name.
        state: one of the states of `schema`.
        resources: the hash of what AWS has accepted; None where that is not known.
        key: the SHA-256 of its public key; empty where that is not known.
        certificate_id: the certificate for that key; empty for none.
        thing_made: whether this resource has made the thing, and did not find it.
        certificate_made: whether this resource has made the certificate.
        returned_by: the request whose run has brought it back; empty for none.
        at: when AWS said so, in epoch seconds.
    """

    id: int
    name: str
    state: int
    resources: bytes | None = None
    key: str = ""
    certificate_id: str = ""
    thing_made: bool = False
    certificate_made: bool = False
    returned_by: str = ""
    at: int = 0

    @property
    def is_made(self) -> bool:
        """Whether this resource has made anything of it."""
        return self.thing_made or self.certificate_made

    @property
    def is_retired(self) -> bool:
        """Whether we have set its certificate INACTIVE, or may have."""
        return self.state in OUT_OF_USE


@dataclass(frozen=True, slots=True)
class KnownCertificate:
    """A certificate that the state knows.

    Attributes:
        certificate_id: its id.
        key: the SHA-256 of its public key; empty where that is not known.
        thing: the thing that has it, or was to have it.
        made: whether this resource has made it.
        state: the state of its thing, or its own.
    """

    certificate_id: str
    key: str
    thing: str
    made: bool
    state: int

    @property
    def is_retired(self) -> bool:
        """Whether we have set it INACTIVE, or may have."""
        return self.state in OUT_OF_USE


def by_name(db: Connection, name: str) -> Thing | None:
    """Return a thing; None for one that is not known."""
    row = db.execute(f"SELECT {_COLUMNS} FROM thing WHERE name = ?", (name,)).fetchone()  # noqa: S608
    return None if row is None else _thing(row)


def by_key(db: Connection, key: str) -> KnownCertificate | None:
    """Return the certificate that is known for a key, whatever its thing.

    One that is in use comes before one that is retired, then the latest.
    """
    if not key:
        return None
    row = db.execute(
        f"""SELECT * FROM (
          SELECT certificate_id, key, name, certificate_made, state, at FROM thing
          WHERE substr(key, 1, 8) = substr(:key, 1, 8) AND key = :key AND key IS NOT NULL
            AND certificate_id IS NOT NULL
          UNION ALL SELECT certificate_id, key, thing, made, state, at FROM certificate
          WHERE key = :key
        ) ORDER BY state IN {OUT_OF_USE}, at DESC LIMIT 1""",  # noqa: S608
        {"key": bytes.fromhex(key)},
    ).fetchone()
    return None if row is None else _certificate(row)


def certificates_of(db: Connection, name: str) -> list[KnownCertificate]:
    """Return each certificate that is known of a thing: the latest one, then those before."""
    rows = db.execute(
        """SELECT certificate_id, key, name, certificate_made, state FROM thing
        WHERE name = :name AND certificate_id IS NOT NULL
        UNION ALL SELECT certificate_id, key, thing, made, state FROM certificate
        WHERE thing = :name""",
        {"name": name},
    )
    found = {row[0]: _certificate(row) for row in reversed(rows.fetchall())}
    return list(reversed(found.values()))


def count_in_fleet(db: Connection) -> int:
    """Return how many things are registered, or not out of the fleet for sure."""
    row = db.execute(f"SELECT count(*) FROM thing WHERE state IN {IN_FLEET}").fetchone()  # noqa: S608
    return int(row[0])


def put(db: Connection, thing: Thing) -> None:
    """Write what is known of a thing now; a certificate of another key is kept beside it."""
    before = by_name(db, thing.name)
    if before is not None and before.certificate_id not in ("", thing.certificate_id):
        keep_certificate(db, before)
    # A key that is written again changes a page of its index, which is somewhere.
    key = "" if before is not None and before.key == thing.key else "key = :key,"
    db.execute(
        f"""INSERT INTO thing (name, state, resources, key, certificate_id, thing_made,
          certificate_made, returned_by, at)
        VALUES (:name, :state, :resources, :key, :certificate_id, :thing_made,
          :certificate_made, :returned_by, :at)
        ON CONFLICT (name) DO UPDATE SET state = :state, resources = :resources, {key}
          certificate_id = :certificate_id, thing_made = :thing_made,
          certificate_made = :certificate_made, retired_by = NULL, returned_by = :returned_by,
          at = :at""",  # noqa: S608 - of constants
        {
            "name": thing.name,
            "state": thing.state,
            "resources": thing.resources,
            "key": blob(thing.key),
            "certificate_id": blob(thing.certificate_id),
            "thing_made": thing.thing_made,
            "certificate_made": thing.certificate_made,
            "returned_by": thing.returned_by or None,
            "at": thing.at,
        },
    )
    if thing.certificate_id:
        db.execute(
            "DELETE FROM certificate WHERE certificate_id = ?", (blob(thing.certificate_id),)
        )


def keep_certificate(db: Connection, thing: Thing) -> None:
    """Keep the certificate of a thing that gets another one, or is forgotten."""
    if thing.certificate_id and thing.key:
        put_certificate(
            db,
            KnownCertificate(
                thing.certificate_id, thing.key, thing.name, thing.certificate_made, thing.state
            ),
            thing.at,
        )


def put_certificate(db: Connection, certificate: KnownCertificate, at: int) -> None:
    """Write what is known of a certificate that is no thing's latest one."""
    db.execute(
        "INSERT OR REPLACE INTO certificate (certificate_id, key, thing, made, state, at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            blob(certificate.certificate_id),
            blob(certificate.key),
            certificate.thing,
            certificate.made,
            certificate.state,
            at,
        ),
    )


def forget(db: Connection, name: str) -> None:
    """Forget a thing, but not its certificates."""
    thing = by_name(db, name)
    if thing is not None:
        keep_certificate(db, thing)
        db.execute("DELETE FROM thing WHERE name = ?", (name,))


def forget_certificate(db: Connection, name: str, certificate_id: str) -> None:
    """Forget a certificate of a thing that was deleted."""
    found = blob(certificate_id)
    db.execute("DELETE FROM certificate WHERE certificate_id = ?", (found,))
    db.execute(
        """UPDATE thing SET certificate_id = NULL, certificate_made = 0
        WHERE name = ? AND certificate_id = ?""",
        (name, found),
    )


def made(db: Connection, *, claimed: bool) -> Iterator[str]:
    """Yield the names of the things of which this resource has made anything, in their order.

    Args:
        db: the state.
        claimed: what was found and registered is ours as well.
    """
    rows = db.execute(
        """SELECT name FROM thing WHERE thing_made OR certificate_made
          OR (:claimed AND state >= :registered)
        UNION SELECT thing FROM certificate WHERE made ORDER BY 1""",
        {"claimed": claimed, "registered": REGISTERED},
    )
    for (name,) in rows.fetchall():
        yield str(name)


def blob(digits: str) -> bytes | None:
    """Return hexadecimal digits as the state has them."""
    return bytes.fromhex(digits) if digits else None


def digits(value: bytes | None) -> str:
    """Return a value of the state as hexadecimal digits."""
    return value.hex() if value else ""


def _thing(row: tuple[Any, ...]) -> Thing:
    return Thing(
        id=row[0],
        name=row[1],
        state=row[2],
        resources=row[3],
        key=digits(row[4]),
        certificate_id=digits(row[5]),
        thing_made=bool(row[6]),
        certificate_made=bool(row[7]),
        returned_by=row[8] or "",
        at=row[9],
    )


def _certificate(row: tuple[Any, ...]) -> KnownCertificate:
    return KnownCertificate(digits(row[0]), digits(row[1]), row[2], bool(row[3]), row[4])
