"""How many devices a run has sent, registered, failed."""

from sqlite3 import Connection

import pytest

from thing_registration_worker.run.counts import Counts, count, registered
from thing_registration_worker.state import devices, lines, schema
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.lines import Line, Result
from thing_registration_worker.tasks import own_task
from thing_registration_worker.tasks.own_task import OwnTask


@pytest.fixture
def db() -> Connection:
    return schema.empty()


def test_a_run_that_has_nothing_to_send_counts_nothing(db: Connection) -> None:
    assert count(db, "r") == Counts(0, 0, 0, 0)


def test_lines_are_to_be_sent_unless_they_are_kept(db: Connection) -> None:
    outcomes: tuple[Result, ...] = (
        "open",
        "kept",
        "kept",
        "refused",
        "sent",
        "registered",
        "failed",
        "differs",
    )
    for number, outcome in enumerate(outcomes, 1):
        lines.add(db, [Line(number, 0, 1, 0, "new", "a", outcome=outcome)])

    counts = count(db, "r")

    assert (counts.to_send, counts.kept) == (6, 2)


def test_aws_counts_what_its_tasks_did_but_for_what_differs(db: Connection) -> None:
    for number, (request, succeeded, failed) in enumerate([("r", 10, 1), ("r", 5, 2), ("x", 9, 9)]):
        own_task.put(
            db, OwnTask(str(number), request, "", 20, 1, succeeded=succeeded, failed=failed)
        )
    lines.add(db, [Line(1, 0, 1, 0, "changed", "a", outcome="differs")])
    lines.add(db, [Line(2, 0, 1, None, "unreadable", "", outcome="refused")])

    counts = count(db, "r")

    assert (counts.succeeded, counts.failed) == (15 - 1, 3 + 1 + 1)


def test_what_is_registered_is_what_is_in_the_fleet(db: Connection) -> None:
    for state in range(7):
        devices.put(db, Thing(0, f"t{state}", state))

    assert registered(db) == 3
