"""The input file against the state."""

from collections.abc import Callable
from sqlite3 import Connection
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.lambda_.fleet.compared import (
    BY_ID,
    CSR,
    CSRS,
    ID,
    NONE,
    OTHER_ID,
    PEM,
    accepted,
    compared,
    comparison,
    departed,
    kept,
    line,
    names_left,
    state,
)
from tests.unit.lambda_.fleet.signed import certificates, csrs
from thing_registration_worker.fleet import comparison as module
from thing_registration_worker.fleet.comparison import Comparison, DuplicateDevice, LineTooLong
from thing_registration_worker.fleet.departures import Departure
from thing_registration_worker.fleet.public_keys import certificate_id, key_of_certificate
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.devices import KnownCertificate, Thing
from thing_registration_worker.state.lines import Line
from thing_registration_worker.state.schema import (
    ABSENT,
    DECLARED,
    FOUND,
    LEAVING,
    REGISTERED,
    RETIRED,
    RETURNING,
)


def test_a_device_is_new_changed_or_left_in_peace() -> None:
    db = state(accepted(line("a", 0)), accepted(line("b", 1), certificate_id=OTHER_ID))

    made = compared([line("a", 0), line("b", 1, serial="2"), line("c", 2)], db)

    assert [(each.number, each.kind, each.certificate_id) for each in kept(db)] == [
        (2, "changed", OTHER_ID),
        (3, "new", ""),
    ]
    assert (made.lines, made.unchanged, made.unread, made.parts) == (3, 1, 0, 1)
    assert lines.of_part(db, 0) == kept(db)


def test_a_line_is_kept_with_all_that_is_known_of_it() -> None:
    texts = [b"\n", line("a", 0, serial="2")]
    db = state(accepted(line("a", 0)))

    compared(texts, db)

    device = Resolver(CSR).resolve(texts[1])
    assert kept(db) == [
        Line(
            number=2,
            offset=1,
            length=len(texts[1]),
            part=0,
            kind="changed",
            name="a",
            resources=device.resources,
            key=device.key,
            certificate_id=ID,
            certificate_made=True,
            thing_exists=True,
        )
    ]


def test_a_request_that_is_signed_anew_changes_nothing() -> None:
    again = csrs(1)[0]
    assert again != CSRS[0]

    assert compared([line("a", again)], state(accepted(line("a", 0)))).unchanged == 1


def test_a_new_key_has_no_certificate() -> None:
    db = state(accepted(line("a", 0)))

    compared([line("a", 1)], db)

    assert [(each.kind, each.certificate_id) for each in kept(db)] == [("changed", "")]


def test_a_key_that_the_device_had_before_keeps_its_certificate() -> None:
    db = state(accepted(line("a", 0)), accepted(line("a", 1), certificate_id=OTHER_ID))

    compared([line("a", 0)], db)

    assert [(each.kind, each.certificate_id) for each in kept(db)] == [("changed", ID)]


def test_a_device_keeps_its_own_certificate_though_another_has_a_later_one_of_its_key() -> None:
    db = state(
        accepted(line("a", 0), at=1),
        accepted(line("b", 0), certificate_id=OTHER_ID, state=RETIRED, at=2),
    )

    compared([line("a", 0, "2")], db)

    assert [(each.certificate_id, each.is_retired) for each in kept(db)] == [(ID, False)]


def test_a_certificate_of_which_nothing_is_known_is_not_ours() -> None:
    db = state(accepted(line("a", 0)))

    compared([line("a", 1), line("b", 2)], db)

    found = [(each.certificate_id, each.certificate_made, each.is_retired) for each in kept(db)]
    assert found == [("", False, False)] * 2


def test_a_renamed_device_keeps_its_certificate_and_leaves_under_its_old_name() -> None:
    db = state(accepted(line("old")))

    made = compared([line("new")], db)

    assert [(each.kind, each.certificate_id) for each in kept(db)] == [("new", ID)]
    assert not kept(db)[0].thing_exists
    assert departed(db, made) == [Departure("old", True, True, True)]


def test_a_thing_that_gets_the_key_of_one_that_leaves_renames_it() -> None:
    db = state(accepted(line("old", 0)), accepted(line("b", 1), certificate_id=OTHER_ID))

    made = compared([line("b", 0)], db)

    assert [each.certificate_id for each in kept(db)] == [ID]
    assert departed(db, made) == [Departure("old", True, True, True)]


def test_a_certificate_without_a_thing_is_that_of_the_line_with_its_key() -> None:
    db = state()
    key = Resolver(CSR).resolve(line("a")).key
    devices.put_certificate(db, KnownCertificate(ID, key, "a", True, REGISTERED), 1)

    made = compared([line("a")], db)

    found = [(each.kind, each.certificate_id, each.certificate_made) for each in kept(db)]
    assert found == [("new", ID, True)]
    assert names_left(db, made) == []


@pytest.mark.parametrize(
    ("changes", "kind", "certificate_id", "exists", "is_retired"),
    [
        ({"resources": None}, "changed", ID, True, False),
        ({"state": FOUND, "resources": None}, "changed", ID, True, False),
        ({"state": ABSENT, "resources": None}, "new", ID, False, False),
        ({"state": ABSENT, "key": "", "certificate_id": ""}, "new", "", False, False),
        ({"state": RETIRED}, "changed", ID, True, True),
        ({"state": LEAVING}, "changed", ID, True, True),
        ({"state": RETURNING}, "changed", ID, True, True),
        ({"key": "", "certificate_id": ""}, "changed", "", True, False),
    ],
)
def test_what_is_not_registered_as_it_is_declared_is_sent(
    changes: dict[str, Any], kind: str, certificate_id: str, exists: bool, is_retired: bool
) -> None:
    db = state(accepted(line("a"), **changes))

    compared([line("a")], db)

    (found,) = kept(db)
    assert (found.kind, found.certificate_id) == (kind, certificate_id)
    assert (found.thing_exists, found.is_retired) == (exists, is_retired)


def test_unchanged_lines_can_be_compared_with_the_registry() -> None:
    db = state(accepted(line("a", 0)), accepted(line("b", 1), certificate_id=OTHER_ID))

    made = compared([line("a", 0), line("b", 1, "2"), line("c", 2)], db, compare_all=True)

    assert [(each.kind, each.certificate_id) for each in kept(db)] == [
        ("same", ID),
        ("changed", OTHER_ID),
        ("new", ""),
    ]
    assert made.unchanged == 0


def test_a_given_certificate_is_known_by_its_id_and_not_by_its_key() -> None:
    first, renewed = certificates(2)
    assert key_of_certificate(first) == key_of_certificate(renewed)

    found = []
    for text in (line("a", first), line("a", renewed), line("b", first)):
        db = state(accepted(line("a", first), PEM, certificate_id=certificate_id(first)))
        compared([text], db, PEM)
        found.append([(each.kind, each.certificate_id) for each in kept(db)])

    assert found == [[], [("changed", "")], [("new", certificate_id(first))]]


def test_a_given_certificate_is_unchanged_under_the_id_that_aws_has_given_it() -> None:
    text = line("a", certificates(1)[0])
    assert Resolver(PEM).resolve(text).certificate_id != ID

    unchanged = [
        compared([text], state(accepted(text, PEM, **changes)), PEM).unchanged
        for changes in ({}, {"certificate_id": ""})
    ]

    assert unchanged == [1, 0]


def test_a_given_certificate_is_compared_with_the_registry_under_the_id_of_aws() -> None:
    text = line("a", certificates(1)[0])
    db = state(accepted(text, PEM))

    compared([text], db, PEM, compare_all=True)

    assert [(each.kind, each.certificate_id) for each in kept(db)] == [("same", ID)]


def test_a_certificate_that_is_given_by_its_id_is_unchanged_while_that_is() -> None:
    db = state(accepted(line("a", ID), BY_ID), accepted(line("b", ID), BY_ID))

    made = compared([line("a", ID), line("b", OTHER_ID)], db, BY_ID)
    made.check_keys()

    assert made.unchanged == 1
    found = [(each.name, each.given_id, each.certificate_id) for each in kept(db)]
    assert found == [("b", OTHER_ID, "")]


def test_a_device_without_a_certificate_is_unchanged_until_its_template_has_one() -> None:
    without = {"certificate_id": "", "certificate_made": False}

    unchanged = [
        compared([line("a")], state(accepted(line("a"), NONE, **without)), body).unchanged
        for body in (NONE, CSR)
    ]

    assert unchanged == [1, 0]


def test_blank_lines_count_and_a_byte_order_mark_does_not_matter() -> None:
    texts = [b"\xef\xbb\xbf" + line("a", 0), b"\n", b" \r\n", line("b", 1).rstrip(b"\n")]
    db = state()

    made = compared(texts, db)

    assert [(each.number, each.name) for each in kept(db)] == [(1, "a"), (4, "b")]
    assert [each.offset for each in kept(db)] == [0, len(b"".join(texts[:3]))]
    assert (made.lines, made.offset) == (2, sum(map(len, texts)))


def test_a_line_that_cannot_be_read_says_why_and_the_others_are_compared() -> None:
    texts = [b"{\n", line("a", "no PEM"), b'{"Name": "a"}\n', line("b")]
    db = state(accepted(line("b")))

    made = compared(texts, db)

    assert [(each.kind, each.part, each.outcome) for each in kept(db)] == [
        ("unreadable", None, "refused")
    ] * 3
    assert [each.failure.partition(",")[0] for each in kept(db)] == [
        "must be a JSON object in UTF-8",
        "must be a certificate signing request in PEM",
        "Serial: a parameter without a Default must have a value",
    ]
    assert (made.lines, made.unread, made.unchanged, made.parts) == (4, 3, 1, 0)


def test_so_many_lines_are_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_LINES", 2)
    db = state(accepted(line("a", 0)))

    made = compared([line("b", 1), line("a", 0), line("c", 2), b"{\n", line("d", 3)], db)

    assert made.parts == 2
    assert [[each.name for each in lines.of_part(db, part)] for part in range(3)] == [
        ["b", "c"],
        ["d"],
        [],
    ]


def test_the_names_that_lines_refer_to_are_collected_where_they_are_sent() -> None:
    db = state(accepted(line("a", 0, "unchanged")))

    made = compared([line("a", 0, "unchanged"), line("b", 1, "south")], db)
    made.end()

    assert db.execute("SELECT * FROM prerequisite ORDER BY kind").fetchall() == [
        ("billing_groups", "south"),
        ("thing_types", "sensor"),
    ]


@pytest.mark.parametrize("known", [0, 1, 2])
def test_a_name_on_two_lines_is_refused(known: int) -> None:
    db = state(*[accepted(line("a", 0)), accepted(line("b", 2), certificate_id=OTHER_ID)][:known])

    with pytest.raises(DuplicateDevice, match="line 4 uses the same thing name as line 1") as error:
        compared([line("a", 0), b"\n", line("b", 2), line("a", 1)], db)
    assert (error.value.what, error.value.first, error.value.second) == ("thing name", 1, 4)


def test_a_new_comparison_forgets_what_the_run_before_has_only_declared() -> None:
    db = state()
    compared([line("a", 0), line("b", 1)], db).end()
    assert devices.by_name(db, "a") is not None

    made = compared([line("b", 0)], db)
    made.check_keys()

    assert [(each.number, each.name) for each in kept(db)] == [(1, "b")]
    found = db.execute("SELECT name FROM thing WHERE state = ?", (DECLARED,)).fetchall()
    assert found == [("b",)]


def test_the_end_of_a_comparison_leaves_nothing_to_go_on_with() -> None:
    db = state()
    made = comparison(db)
    made.read([line("a")], lambda: False)
    made.save()
    assert comparison(db).next_number == 2

    made.end()

    assert comparison(db).next_number == 1


def test_where_another_run_stood_does_not_matter() -> None:
    db = state()
    made = comparison(db, run="before")
    made.read([line("a", 0), line("b", 1)], lambda: False)
    made.save()

    assert comparison(db, run="before").next_number == 3
    assert comparison(db, run="after").next_number == 1
    assert kept(db) == []


def file_and_fleet() -> st.SearchStrategy[tuple[list[bytes], list[Thing]]]:
    """Lines, some twice or unreadable or blank, and what was accepted of such lines."""
    names, keys = st.sampled_from("abcdef"), st.integers(0, 4)
    texts = st.builds(line, names, keys, st.sampled_from("12"))
    damaged = st.sampled_from([b"\n", b"{\n", b'{"Name": "a"}\n', line("b", "no CSR")])
    states = st.sampled_from([ABSENT, FOUND, REGISTERED, RETIRED, LEAVING])
    ids = st.integers(0, 9).map(lambda number: f"{number:064x}")
    things = st.builds(
        lambda text, state, one: accepted(text, state=state, certificate_id=one), texts, states, ids
    )
    return st.tuples(st.lists(texts | damaged, max_size=8), st.lists(things, max_size=6))


def outcome(db: Connection, made: Comparison) -> list[Any]:
    """All that a comparison says at its end."""
    try:
        made.check_keys()
        duplicate = ""
    except DuplicateDevice as error:
        duplicate = str(error)
    made.end()
    left = sorted(map(repr, departed(db, made)))
    counts = (made.lines, made.unchanged, made.unread, made.parts, made.offset)
    parts = db.execute("SELECT * FROM part ORDER BY part").fetchall()
    names = db.execute("SELECT * FROM prerequisite ORDER BY kind, name").fetchall()
    return [kept(db), duplicate, left, counts, parts, names]


def _stops_after(made: Comparison, stops: set[int]) -> Callable[[], bool]:
    return lambda: made.next_number - 1 in stops


@settings(max_examples=80, deadline=None)
@given(file_and_fleet(), st.sets(st.integers(1, 8)))
def test_a_comparison_that_stops_after_any_lines_says_what_one_in_one_go_says(
    given_file: tuple[list[bytes], list[Thing]], stops: set[int]
) -> None:
    texts, things = given_file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", 3)
        patch.setattr(module, "PART_LINES", 2)
        whole, stopped = state(*things), state(*things)
        expected: Any
        try:
            expected = outcome(whole, compared(texts, whole))
        except DuplicateDevice as error:
            expected = str(error)

        found: Any = None
        try:
            while found is None:
                made = comparison(stopped)
                rest = texts[made.next_number - 1 :]
                if made.read(rest, _stops_after(made, stops)):
                    found = outcome(stopped, made)
                else:
                    made.save()
        except DuplicateDevice as error:
            found = str(error)

    assert found == expected


@pytest.mark.parametrize("text", [line("a"), b"{\n", b"\n"])
def test_a_comparison_stops_after_any_line_when_its_time_is_over(text: bytes) -> None:
    made = comparison(state())

    assert not made.read([text] * 3, lambda: True)
    assert made.next_number == 2


@pytest.mark.parametrize("length", [256_000, 256_001])
def test_a_line_may_have_256000_bytes_and_no_more(length: int) -> None:
    text = line("a", 0)[:-2]
    padded = text + b" " * (length - len(text) - 1) + b"}"
    assert len(padded) == length
    db = state()

    if length > 256_000:
        with pytest.raises(LineTooLong, match="line 2 has more than 256000 bytes") as error:
            compared([b"\n", padded + b"\r\n"], db)
        assert error.value.number == 2
    else:
        assert compared([b"\n", padded + b"\r\n"], db).lines == 1
