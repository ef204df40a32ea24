"""Devices that a run has retired, or has brought back: a rollback takes back both."""

from dataclasses import dataclass
from sqlite3 import Connection
from typing import Literal

from thing_registration_worker.aws import cloudformation, registry, registry_changes
from thing_registration_worker.fleet.template import INACTIVE
from thing_registration_worker.state.devices import blob, digits
from thing_registration_worker.state.schema import (
    LEAVING,
    REGISTERED,
    RETIRED,
    RETURNING,
)
from thing_registration_worker.step import Step


@dataclass(frozen=True)
class Change:
    """What a run has done about a certificate, or was about to.

    Attributes:
        thing: its thing.
        certificate_id: its id; empty where the thing has none.
        kind: set INACTIVE, set ACTIVE again, or detached from the thing.
    """

    thing: str
    certificate_id: str
    kind: Literal["retired", "returned", "detached"]


def has_to_bring_back(step: Step) -> bool:
    """Return whether the operation that is rolled back has retired anything, or brought it back.

    The last run may be that of an operation before: an update that was cancelled early has none.
    """
    head = step.head
    if head is None or head.state is None or not any_by(step.db, head.runner):
        return False
    began_at = cloudformation.operation_began_at(step.clients.cloudformation, step.request.stack_id)
    return head.runner_received_at >= began_at


def note_return(db: Connection, key: str, name: str, request_id: str) -> int:
    """Note that a certificate that was retired is about to be brought back with a line.

    Returns:
        How many things are in the fleet again that the line does not name.
    """
    values = {
        "key": blob(key),
        "name": name,
        "by": request_id,
        "leaving": LEAVING,
        "retired": RETIRED,
        "returning": RETURNING,
    }
    returned = db.execute(
        """UPDATE thing SET state = :returning, retired_by = NULL, returned_by = :by
        WHERE substr(key, 1, 8) = substr(:key, 1, 8) AND key = :key AND key IS NOT NULL
          AND state IN (:leaving, :retired) RETURNING name != :name""",
        values,
    ).fetchall()
    db.execute(
        """UPDATE certificate SET state = :returning, retired_by = NULL, returned_by = :by
        WHERE key = :key AND state IN (:leaving, :retired)""",
        values,
    )
    return sum(is_other for (is_other,) in returned)


def any_by(db: Connection, request_id: str) -> bool:
    """Return whether the run of a request has retired anything, or brought anything back."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM thing WHERE :by IN (retired_by, returned_by))
        OR EXISTS (SELECT 1 FROM certificate WHERE :by IN (retired_by, returned_by))
        OR EXISTS (SELECT 1 FROM detached WHERE detached_by = :by)""",
        {"by": request_id},
    ).fetchone()
    return bool(row[0])


def by(db: Connection, request_id: str) -> list[Change]:
    """Return what the run of a request has done: returns, then retirements, then detachments."""
    rows = db.execute(
        """SELECT thing, certificate_id, 'detached' FROM detached WHERE detached_by = :by
        UNION SELECT name, certificate_id, 'retired' FROM thing WHERE retired_by = :by
        UNION SELECT thing, certificate_id, 'retired' FROM certificate WHERE retired_by = :by
        UNION SELECT name, coalesce(thing.certificate_id, detached.certificate_id), 'returned'
        FROM thing LEFT JOIN detached ON detached.thing = name AND detached_by = :by
          AND thing.certificate_id IS NULL WHERE returned_by = :by
        UNION SELECT thing, certificate_id, 'returned' FROM certificate WHERE returned_by = :by
        ORDER BY 3 DESC, 1, 2""",
        {"by": request_id},
    )
    found = [Change(thing, digits(certificate_id), kind) for thing, certificate_id, kind in rows]
    detached = {(each.thing, each.certificate_id) for each in found if each.kind == "detached"}
    return [
        each
        for each in found
        if each.kind != "retired" or (each.thing, each.certificate_id) not in detached
    ]


def take_back(step: Step, change: Change) -> None:
    """Undo what a run has done; what somebody else has revoked or deleted stays so.

    Raises:
        Refused: AWS refuses it.
    """
    iot, certificate_id = step.clients.iot, change.certificate_id
    if change.kind == "detached":
        arn = step.request.certificate_arn_prefix + certificate_id
        if step.request.declaration.template.is_exclusive and registry_changes.things_of(iot, arn):
            # Another thing has it for itself: the next deployment that has the old line moves it.
            _forget_detachment(step.db, change)
            return
        registry_changes.attach(iot, change.thing, arn)
    elif certificate_id:
        found = registry.certificate(iot, certificate_id)
        status = found.status if found else ""
        if change.kind == "retired" and status == INACTIVE:
            registry_changes.set_status(iot, certificate_id, "ACTIVE")
        if change.kind == "returned" and status == registry.ACTIVE:
            registry_changes.set_status(iot, certificate_id, "INACTIVE")
    _settle(step.db, change)


def _forget_detachment(db: Connection, change: Change) -> None:
    db.execute(
        """UPDATE thing SET state = iif(retired_by IS NULL, state, ?), resources = NULL,
          retired_by = NULL WHERE name = ?""",
        (REGISTERED, change.thing),
    )
    db.execute(
        "DELETE FROM detached WHERE thing = ? AND certificate_id = ?",
        (change.thing, blob(change.certificate_id)),
    )


def _settle(db: Connection, change: Change) -> None:
    if change.kind == "returned":
        _settle_return(db, change)
        return
    certificate_id = blob(change.certificate_id)
    # A thing that was detached has its certificate again.
    db.execute(
        """UPDATE thing SET certificate_id = detached.certificate_id,
          certificate_made = detached.made
        FROM detached WHERE thing.name = ? AND detached.thing = ?
          AND detached.certificate_id = ? AND thing.certificate_id IS NULL""",
        (change.thing, change.thing, certificate_id),
    )
    # What had returned before it left is retired again by now.
    db.execute(
        """UPDATE thing SET state = iif(retired_by IS NULL, state, ?), retired_by = NULL
        WHERE name = ? AND certificate_id IS ?""",
        (REGISTERED, change.thing, certificate_id),
    )
    db.execute(
        """UPDATE certificate SET state = iif(retired_by IS NULL, state, ?), retired_by = NULL
        WHERE certificate_id IS ?""",
        (REGISTERED, certificate_id),
    )
    db.execute(
        "DELETE FROM detached WHERE thing = ? AND certificate_id IS ?",
        (change.thing, certificate_id),
    )


def _settle_return(db: Connection, change: Change) -> None:
    """Note that a certificate is out of use again, and each thing that has it."""
    certificate_id = blob(change.certificate_id)
    db.execute(
        """UPDATE thing SET state = ?, retired_by = NULL, returned_by = NULL
        WHERE name = ? AND (certificate_id IS ? OR certificate_id IS NULL)""",
        (RETIRED, change.thing, certificate_id),
    )
    db.execute(
        """UPDATE certificate SET state = ?, retired_by = NULL, returned_by = NULL
        WHERE certificate_id IS ?""",
        (RETIRED, certificate_id),
    )
    # Its line may have come back under another name.
    db.execute(
        """UPDATE thing SET state = ? WHERE certificate_id = ? AND substr(key, 1, 8) IN (
          SELECT substr(key, 1, 8) FROM thing WHERE name = ?
          UNION SELECT substr(key, 1, 8) FROM certificate WHERE certificate_id = ?)""",
        (RETIRED, certificate_id, change.thing, certificate_id),
    )
