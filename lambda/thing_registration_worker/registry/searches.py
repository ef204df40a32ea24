"""Tasks that may have made certificates that no report names, and the keys that they were given."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection

from thing_registration_worker.state.devices import blob
from thing_registration_worker.state.lines import Line
from thing_registration_worker.tasks.own_task import OwnTask


@dataclass(frozen=True)
class Search:
    """A task whose certificates are looked for.

    Attributes:
        input_key: the key of the file that it has read.
        task_id: the task; may be empty.
        since, until: between these moments it may have made certificates, in epoch seconds.
        is_known: whether the state has the keys that it was given.
    """

    input_key: str
    task_id: str
    since: float
    until: float
    is_known: bool


def begin(db: Connection, own: OwnTask, left: Iterable[Line], ended_at: float) -> None:
    """Look for the certificates of lines that a task was given and has not registered.

    Args:
        db: the state.
        own: the task.
        left: the lines.
        ended_at: when the task has ended, in epoch seconds; 0 where AWS does not say.
    """
    wanted = [(blob(line.key), line.name) for line in left if line.key and not line.certificate_id]
    if wanted:
        db.executemany("INSERT OR REPLACE INTO wanted (key, thing) VALUES (?, ?)", wanted)
        add(
            db,
            Search(own.input_key, own.task_id, own.sent_at, ended_at or time.time(), is_known=True),
        )


def add(db: Connection, search: Search) -> None:
    """Look for the certificates of a task."""
    db.execute(
        "INSERT OR REPLACE INTO search (input_key, task_id, since, until, is_known) "
        "VALUES (?, ?, ?, ?, ?)",
        (search.input_key, search.task_id, search.since, search.until, search.is_known),
    )


def all_of(db: Connection) -> list[Search]:
    """Return the tasks whose certificates are looked for."""
    rows = db.execute("SELECT input_key, task_id, since, until, is_known FROM search")
    return [Search(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def end(db: Connection) -> None:
    """Look for nothing any more."""
    for table in ("search", "wanted", "asked"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608
