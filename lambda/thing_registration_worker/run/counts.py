"""How many devices a run has sent, registered, failed: counted in the state."""

from dataclasses import dataclass
from sqlite3 import Connection

from thing_registration_worker.state import devices


@dataclass(frozen=True)
class Counts:
    """Of devices.

    Attributes:
        to_send: lines that are new or changed, and those that cannot be read.
        kept: lines that were only compared with AWS's registry, and did not differ.
        succeeded: what the tasks have registered as it was declared.
        failed: what they have not, and what was not sent because it cannot be registered.
    """

    to_send: int
    kept: int
    succeeded: int
    failed: int


def count(db: Connection, request_id: str) -> Counts:
    """Return the counts of a request's run."""
    outcomes: dict[str, int] = dict(
        db.execute("SELECT outcome, count(*) FROM line GROUP BY outcome").fetchall()
    )
    row = db.execute(
        "SELECT coalesce(sum(succeeded), 0), coalesce(sum(failed), 0) FROM task WHERE request = ?",
        (request_id,),
    ).fetchone()
    differing = outcomes.get("differs", 0)
    return Counts(
        to_send=sum(outcomes.values()) - outcomes.get("kept", 0),
        kept=outcomes.get("kept", 0),
        succeeded=row[0] - differing,
        failed=row[1] + differing + outcomes.get("refused", 0),
    )


def registered(db: Connection) -> int:
    """Return how many things are registered."""
    return devices.count_in_fleet(db)
