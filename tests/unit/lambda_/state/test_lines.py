"""The lines of a run, in the state."""

from dataclasses import replace
from sqlite3 import Connection

import pytest

from thing_registration_worker.fleet.resolved_device import ResolvedDevice
from thing_registration_worker.state import lines, schema
from thing_registration_worker.state.lines import KNOWN, NEW, Line

KEY, ID = "a1" * 32, "c1" * 32
FIRST = Line(
    number=3,
    offset=200,
    length=100,
    part=0,
    kind="new",
    name="pump",
    resources=b"\1" * 17,
    key=KEY,
    given_id="d1" * 32,
    certificate_id=ID,
    certificate_made=True,
    is_retired=True,
    thing_exists=True,
)
SECOND = Line(7, 600, 90, 0, "changed", "fan")
NEXT = Line(9, 800, 90, 1, "new", "valve")
BROKEN = Line(4, 300, 5, None, "unreadable", "broken", outcome="refused", failure="why")


@pytest.fixture
def db() -> Connection:
    made = schema.empty()
    lines.add(made, [FIRST, BROKEN, SECOND, NEXT])
    made.executemany("INSERT INTO part VALUES (?, ?, ?)", [(0, 3, 7), (1, 9, 9)])
    return made


def test_the_lines_of_a_part_are_as_they_were_written(db: Connection) -> None:
    assert lines.of_part(db, 0) == [FIRST, SECOND]
    assert lines.of_part(db, 1) == [NEXT]
    assert lines.of_part(db, 2) == []


def test_the_lines_of_a_file_are_in_the_order_of_the_users_file(db: Connection) -> None:
    lines.decide(db, replace(SECOND, outcome="sent", file=NEW))
    lines.decide(db, replace(FIRST, outcome="sent", file=NEW))

    assert [line.name for line in lines.of_file(db, 0, NEW)] == ["pump", "fan"]
    assert lines.of_file(db, 0, KNOWN) == []


def test_a_decision_is_what_the_next_call_reads(db: Connection) -> None:
    decided = replace(
        SECOND, certificate_id=ID, certificate_made=True, thing_exists=True, outcome="sent"
    )
    decided = replace(decided, file=KNOWN, failure="")

    lines.decide(db, decided)

    assert lines.of_part(db, 0) == [FIRST, decided]


def test_a_part_that_is_decided_anew_keeps_what_is_known_of_its_lines(db: Connection) -> None:
    lines.decide(db, replace(FIRST, outcome="refused", failure="no"))
    lines.decide(db, replace(NEXT, outcome="sent", file=NEW))

    lines.reset(db, 0)

    assert lines.of_part(db, 0) == [FIRST, SECOND]
    assert lines.of_part(db, 1)[0].outcome == "sent"


def test_what_has_become_of_a_line_has_its_reason(db: Connection) -> None:
    lines.settle(db, 3, "failed", "no such policy")
    lines.settle(db, 7, "registered")

    found = [(line.outcome, line.failure) for line in lines.of_part(db, 0)]
    assert found == [("failed", "no such policy"), ("registered", "")]


def test_a_difference_is_asked_for_once_and_again(db: Connection) -> None:
    assert FIRST.difference is None
    lines.note_difference(db, 3, "")
    lines.note_difference(db, 7, "model is 'a'")
    first, second = lines.of_part(db, 0)
    lines.note_difference(db, 7, None)

    assert (first.difference, second.difference) == ("", "model is 'a'")
    assert lines.of_part(db, 0)[1].difference is None


def test_the_names_of_lines_that_cannot_be_read_are_known_where_they_are(db: Connection) -> None:
    lines.add(db, [Line(5, 0, 1, None, "unreadable", "")])

    assert list(lines.unreadable_names(db)) == ["broken"]


def test_a_text_that_was_cut_inside_a_surrogate_pair_can_be_kept(db: Connection) -> None:
    lines.add(db, [replace(BROKEN, number=11, name="a\ud83d", failure="b\ud83d")])
    lines.settle(db, 7, "failed", "c\ud83d")
    lines.decide(db, replace(FIRST, failure="d\ud83d"))

    failures = [failure for (failure,) in db.execute("SELECT failure FROM line ORDER BY number")]
    assert failures == ["d?", "why", "c?", "", "b?"]


def test_a_line_says_which_device_it_declares() -> None:
    assert FIRST.device("csr") == ResolvedDevice("pump", b"\1" * 17, "csr", KEY, "d1" * 32)
    assert SECOND.device("none") == ResolvedDevice("fan", b"", "none", "", "")
