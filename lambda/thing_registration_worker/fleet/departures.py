"""What leaves the fleet: what the state knows and the input file has no more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Connection

from thing_registration_worker.fleet.line_numbers import LineNumbers
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.schema import FOUND, IN_FLEET, REGISTERED, RETIRED


@dataclass(frozen=True, slots=True)
class Departure:
    """A device that is in the fleet, or whose certificate we made, and that the file has no more.

    Attributes:
        name: the thing.
        is_counted: whether it counts as registered.
        is_made: whether this resource has made anything of it.
        is_renamed: whether another line has its key.
    """

    name: str
    is_counted: bool
    is_made: bool
    is_renamed: bool


def find_removed(db: Connection, numbers: LineNumbers) -> list[int]:
    """Return the ids of the things in the fleet that are on no line.

    Args:
        db: the state.
        numbers: of all lines of the file; the names on lines that cannot be read are noted.
    """
    for name in lines.unreadable_names(db):
        thing = devices.by_name(db, name)
        if thing is not None:
            numbers.note(thing.id, 1)
    rows = db.execute(f"SELECT id FROM thing WHERE state IN {IN_FLEET}")  # noqa: S608
    return [id_ for (id_,) in rows if not numbers.of_thing(id_)]


def departures(
    db: Connection, numbers: LineNumbers, removed: Iterable[int], *, claimed: bool
) -> Iterator[Departure]:
    """Yield what has left the file; a line that cannot be read may be that of any of them.

    Args:
        db: the state.
        numbers: of all lines of the file.
        removed: what `find_removed` has returned.
        claimed: what was found is ours as well.
    """
    for id_ in removed:
        name, state, key, certificate_id, thing_made, certificate_made = db.execute(
            """SELECT name, state, key, certificate_id, thing_made, certificate_made
            FROM thing WHERE id = ?""",
            (id_,),
        ).fetchone()
        has_certificate = bool(certificate_made or (claimed and certificate_id))
        made = bool(thing_made or has_certificate or claimed)
        is_renamed = bool(key) and bool(numbers.of_key(key))
        yield Departure(name, state == REGISTERED, made, is_renamed)
    yield from _renamed_since(db)
    yield from _orphans(db, numbers)


def _renamed_since(db: Connection) -> Iterator[Departure]:
    """Yield the retired things whose certificates return with lines that have other names."""
    rows = db.execute(
        """SELECT DISTINCT thing.name FROM line JOIN thing
          ON substr(thing.key, 1, 8) = substr(line.key, 1, 8) AND thing.key = line.key
        WHERE line.is_retired AND thing.name != line.name AND thing.key IS NOT NULL
          AND thing.state = ? AND thing.certificate_id IS NOT NULL""",
        (RETIRED,),
    )
    for (name,) in rows.fetchall():
        yield Departure(name, is_counted=False, is_made=True, is_renamed=True)


def _orphans(db: Connection, numbers: LineNumbers) -> Iterator[Departure]:
    """Yield the certificates that we made without a thing that is registered."""
    rows = db.execute(
        f"""SELECT DISTINCT certificate.thing, certificate.key FROM certificate
        LEFT JOIN thing ON thing.name = certificate.thing
        WHERE made AND certificate.state != {RETIRED}
        AND (thing.id IS NULL OR thing.state < {FOUND})"""  # noqa: S608
    )
    for name, key in rows.fetchall():
        if not numbers.of_key(key):
            yield Departure(name, is_counted=False, is_made=True, is_renamed=False)
