"""The devices that are to be deregistered: a queue in the state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection

from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import (
    nothing_retired,
    nothing_retired_by_new_code,
    too_many_removed,
)
from thing_registration_worker.fleet.departures import Departure, departures
from thing_registration_worker.fleet.line_numbers import LineNumbers
from thing_registration_worker.fleet.run_size import most_retired
from thing_registration_worker.removal import other_inputs
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import devices
from thing_registration_worker.step import Step


@dataclass(frozen=True)
class Queued:
    """A device in the queue: its place, its thing, and whether another line has its key."""

    position: int
    name: str
    is_renamed: bool


def collect(step: Step, run: Run, numbers: LineNumbers, removed: Sequence[int]) -> Run:
    """Queue what has left the file; after the last line of it.

    A line that could not be read may be that of any device: then nothing has left for sure.

    Args:
        step: the step that compares.
        run: what the run has come to.
        numbers: of all lines of the file.
        removed: the ids of the things that are on no line.

    Raises:
        RegistrationError: they are more than may be retired at once.
    """
    declaration = step.request.declaration
    if declaration.deregister == "NEVER":
        return run
    if run.unread:
        print(nothing_retired(declaration.input_uri, run.unread))
        return run
    if step.is_new_code:
        # Its rollback would be carried out by the code before.
        print(nothing_retired_by_new_code())
        return run
    leaving = list(departures(step.db, numbers, removed, claimed=declaration.claim_existing))
    leaving = other_inputs.without_declared(step, leaving)
    # A device that was renamed goes on under its new name.
    to_retire = sum(each.is_counted and each.is_made and not each.is_renamed for each in leaving)
    allowed, registered = declaration.max_deregistered, devices.count_in_fleet(step.db)
    if allowed is None:
        allowed = most_retired(registered)
    if to_retire > allowed:
        raise RegistrationError(too_many_removed(to_retire, allowed, registered))
    return replace(run, to_deregister=_queue(step.db, leaving))


def collect_made(step: Step, names: Iterable[str]) -> int:
    """Queue devices to be deleted; return how many."""
    return _queue(step.db, (Departure(name, True, True, False) for name in names))


def made(db: Connection, *, claimed: bool, only_retired: bool = False) -> list[str]:
    """Return the things of which this resource has made anything.

    Args:
        db: the state.
        claimed: what was found is ours as well.
        only_retired: leave those that are registered.
    """
    names = list(devices.made(db, claimed=claimed))
    if not only_retired:
        return names
    things = (devices.by_name(db, name) for name in names)
    return [thing.name for thing in things if thing is not None and thing.is_retired]


def read(db: Connection, position: int, count: int) -> list[Queued]:
    """Return so many devices of the queue from a position on."""
    rows = db.execute(
        "SELECT position, name, renamed FROM leaving WHERE position >= ? ORDER BY position LIMIT ?",
        (position, count),
    )
    return [Queued(row[0], row[1], bool(row[2])) for row in rows]


def put_off(db: Connection, waiting: Sequence[Queued], queued: Sequence[Queued]) -> None:
    """Put some devices of a batch behind the others of it, which are done."""
    names = {each.name for each in waiting}
    ordered = [each for each in queued if each.name not in names] + list(waiting)
    rows = [
        (each.name, each.is_renamed, place.position)
        for each, place in zip(ordered, queued, strict=True)
    ]
    db.executemany("UPDATE leaving SET name = ?, renamed = ? WHERE position = ?", rows)


def _queue(db: Connection, leaving: Iterable[Departure]) -> int:
    db.execute("DELETE FROM leaving")
    # Those whose certificates go on under another name come last: the registry may show them late.
    ordered = sorted(leaving, key=lambda each: each.is_renamed)
    names = {each.name: each.is_renamed for each in ordered}
    rows = ((place, name, renamed) for place, (name, renamed) in enumerate(names.items()))
    db.executemany("INSERT INTO leaving (position, name, renamed) VALUES (?, ?, ?)", rows)
    return len(names)
