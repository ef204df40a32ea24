"""What a plan asks of the tables that the worker's comparison has filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.constructs.planning.states import (
    TEMPLATE,
    certificate_id,
    comparand,
    line,
    resolved,
    state,
    thing,
)
from thing_registration.deployed.errors import CommandError
from thing_registration.planning import compared_fleet
from thing_registration.planning.compared_fleet import Certificates, ComparedFleet, compare
from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate
from thing_registration_worker.state.schema import LEAVING, REGISTERED, RETIRED


def shown(fleet: ComparedFleet) -> dict[str, list[tuple[int, str]]]:
    return {
        kind: [(each.at, each.line.name) for each in some] for kind, some in fleet.first.items()
    }


def test_lines_are_counted_and_the_first_of_each_kind_are_named(tmp_path: Path) -> None:
    db = state(thing("a", 0), thing("b", 1), thing("c", 2))
    lines = [line("a", 0), b"\n", line("b", 1, "2"), b'{"Name": "c"}\n', line("d", 3)]

    fleet = compare(comparand(tmp_path, *lines), db)

    assert fleet.counts == {"new": 1, "changed": 1, "unchanged": 1, "unreadable": 1}
    assert shown(fleet) == {"new": [(5, "d")], "changed": [(3, "b")], "unreadable": [(4, "c")]}
    assert fleet.first["unreadable"][0].line.failure.startswith("Serial: a parameter without")
    assert (fleet.registered, fleet.removed, fleet.parts) == (3, 0, 1)
    assert fleet.names.thing_types == ("meter",)


def test_no_more_than_the_first_lines_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared_fleet, "SHOWN", 2)

    fleet = compare(comparand(tmp_path, *(line(f"m{n}", n) for n in range(3))), state())

    assert shown(fleet)["new"] == [(1, "m0"), (2, "m1")]
    assert fleet.counts["new"] == 3


def test_a_changed_device_may_have_a_new_key_or_return(tmp_path: Path) -> None:
    db = state(thing("a", 0), thing("b", 1, RETIRED))

    fleet = compare(comparand(tmp_path, line("a", 2), line("b", 1)), db)

    a, b = fleet.first["changed"]
    assert (a.new_key, a.returns, b.new_key, b.returns) == (True, False, False, True)
    assert fleet.new_keys == 1
    assert fleet.certificates == Certificates(known=1, unknown=1)


def test_a_line_with_the_key_of_another_thing_gets_its_certificate(tmp_path: Path) -> None:
    db = state(thing("old", 0), thing("b", 1))
    earlier = resolved("gone", 2)
    devices.put_certificate(
        db, KnownCertificate(certificate_id(2), earlier.key, "gone", True, REGISTERED), 0
    )

    lines = [line("new", 0), line("b", 1, "2"), line("c", 2)]
    fleet = compare(comparand(tmp_path, *lines), db)

    assert fleet.renamed == [(1, "old"), (3, "gone")]
    assert fleet.certificates == Certificates(known=3, unknown=0)


def test_what_left_is_retired_renamed_or_released(tmp_path: Path) -> None:
    found = thing("found", 3, thing_made=False, certificate_made=False)
    db = state(thing("made", 0), thing("renamed", 1), found, thing("begun", 4, LEAVING))

    fleet = compare(comparand(tmp_path, line("new", 1)), db)

    assert fleet.first_removed == [
        ("begun", "retired"),
        ("found", "released"),
        ("made", "retired"),
        ("renamed", "renamed"),
    ]
    assert fleet.fates == {"retired": 1, "renamed": 1, "released": 1}
    assert (fleet.removed, fleet.to_deregister) == (4, 4)


def test_what_was_found_is_retired_where_it_is_claimed(tmp_path: Path) -> None:
    db = state(thing("found", 3, thing_made=False, certificate_made=False))

    fleet = compare(comparand(tmp_path, line("new", 1)), db, claimed=True)

    assert fleet.fates == {"retired": 1}


def test_what_another_task_declares_is_not_retired(tmp_path: Path) -> None:
    db = state(thing("a", 0), thing("b", 1))

    fleet = compare(comparand(tmp_path, line("new", 2)), db, moved=lambda db, leaving: {"a"})

    assert fleet.first_removed == [("a", "moved"), ("b", "retired")]
    assert (fleet.fates, fleet.to_deregister) == ({"moved": 1, "retired": 1}, 1)


def test_a_certificate_without_a_thing_is_deregistered_and_is_no_device(tmp_path: Path) -> None:
    db = state()
    lost = resolved("lost", 5)
    devices.put_certificate(
        db, KnownCertificate(certificate_id(5), lost.key, "lost", True, REGISTERED), 0
    )

    fleet = compare(comparand(tmp_path, line("new", 1)), db)

    assert (fleet.removed, fleet.first_removed, fleet.fates) == (0, [], {})
    assert fleet.to_deregister == 1


def test_unchanged_lines_that_are_checked_are_not_sent(tmp_path: Path) -> None:
    db = state(thing("a", 0))

    fleet = compare(comparand(tmp_path, line("a", 0), line("b", 1)), db, check_all=True)

    assert fleet.counts == {"new": 1, "changed": 0, "unchanged": 1, "unreadable": 0}
    assert fleet.certificates == Certificates(known=0, unknown=1)
    assert fleet.checked_certificates == Certificates(known=1, unknown=0)
    assert [each.name for each in fleet.to_send()] == ["b"]


def test_where_a_deployment_stands_that_is_under_way_is_not_gone_on_from(tmp_path: Path) -> None:
    db = state(thing("a", 0))
    db.execute("INSERT INTO comparison VALUES ('offset', 1000), ('run', 'request-1')")

    assert compare(comparand(tmp_path, line("a", 0)), db).counts["unchanged"] == 1


def test_a_duplicate_is_named_by_the_lines_of_the_file_as_it_was_given(tmp_path: Path) -> None:
    what = replace(comparand(tmp_path, line("a", 0), line("a", 1)), at=[4, 7])

    with pytest.raises(CommandError, match=r"devices\.jsonl:7: uses the same thing name as line 4"):
        compare(what, state())


def test_a_key_on_two_lines_is_an_error_that_names_both(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"devices\.jsonl:2: uses the same key as line 1"):
        compare(comparand(tmp_path, line("a", 0), line("b", 0)), state())


def test_a_line_is_read_again_without_the_mark_before_it(tmp_path: Path) -> None:
    what = comparand(tmp_path, BYTE_ORDER_MARK + line("a", 0), line("b", 1))

    first, second = compare(what, state()).to_send()

    assert (what.text(first), what.text(second)) == (line("a", 0), line("b", 1))
    assert what.template_body == TEMPLATE
