"""Tasks that may have made certificates that no report names."""

from sqlite3 import Connection

import pytest

from thing_registration_worker.registry import searches
from thing_registration_worker.registry.searches import Search
from thing_registration_worker.state import devices, schema
from thing_registration_worker.state.lines import Line
from thing_registration_worker.tasks.own_task import OwnTask

OWN = OwnTask("input", "r", "task", 3, sent_at=5)
KEY, ID = "a1" * 32, "c1" * 32


@pytest.fixture
def db() -> Connection:
    return schema.empty()


def wanted(db: Connection) -> list[tuple[str, str]]:
    rows = db.execute("SELECT key, thing FROM wanted ORDER BY thing")
    return [(devices.digits(key), thing) for key, thing in rows]


def test_the_keys_are_looked_for_of_lines_whose_certificate_is_not_known(db: Connection) -> None:
    left = [
        Line(1, 0, 1, 0, "new", "a", key=KEY),
        Line(2, 0, 1, 0, "new", "b", key="a2" * 32, certificate_id=ID),
        Line(3, 0, 1, 0, "new", "c"),
    ]

    searches.begin(db, OWN, left, ended_at=9)

    assert wanted(db) == [(KEY, "a")]
    assert searches.all_of(db) == [Search("input", "task", 5, 9, is_known=True)]


def test_where_no_key_is_left_nothing_is_looked_for(db: Connection) -> None:
    searches.begin(db, OWN, [Line(1, 0, 1, 0, "new", "a")], ended_at=9)

    assert searches.all_of(db) == []


def test_a_task_whose_end_aws_does_not_say_may_have_worked_until_now(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 77.0)

    searches.begin(db, OWN, [Line(1, 0, 1, 0, "new", "a", key=KEY)], ended_at=0)

    assert searches.all_of(db)[0].until == 77


def test_a_task_is_looked_for_once(db: Connection) -> None:
    for until in (1, 2):
        searches.add(db, Search("input", "task", 0, until, is_known=False))

    assert searches.all_of(db) == [Search("input", "task", 0, 2, is_known=False)]


def test_at_the_end_nothing_is_looked_for_any_more(db: Connection) -> None:
    searches.begin(db, OWN, [Line(1, 0, 1, 0, "new", "a", key=KEY)], ended_at=9)
    db.execute("INSERT INTO asked VALUES (?, ?)", (bytes(32), bytes(32)))

    searches.end(db)

    assert (wanted(db), searches.all_of(db)) == ([], [])
    assert db.execute("SELECT count(*) FROM asked").fetchone() == (0,)
