"""What leaves the fleet."""

from typing import Any

import pytest

from tests.unit.lambda_.fleet.compared import (
    CSR,
    OTHER_ID,
    accepted,
    compared,
    departed,
    line,
    names_left,
    state,
)
from thing_registration_worker.fleet.departures import Departure
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate, Thing
from thing_registration_worker.state.schema import (
    ABSENT,
    FOUND,
    LEAVING,
    REGISTERED,
    RETIRED,
    RETURNING,
)


def test_what_is_in_the_fleet_and_on_no_line_is_removed() -> None:
    others = {"found": FOUND, "absent": ABSENT, "gone": REGISTERED, "done": RETIRED}
    others |= {"begun": LEAVING, "returning": RETURNING}
    db = state(
        accepted(line("a", 0)),
        *(Thing(0, name, number, thing_made=True) for name, number in others.items()),
    )

    made = compared([line("a", 0), line("new", 1)], db)

    assert sorted(names_left(db, made)) == ["begun", "gone", "returning"]


def test_a_thing_is_not_removed_whose_line_cannot_be_read() -> None:
    db = state(accepted(line("a", 0)), accepted(line("gone", 1), certificate_id=OTHER_ID))

    made = compared([line("a", "no CSR"), b'{"Serial": "1"}\n'], db)

    assert names_left(db, made) == ["gone"]


@pytest.mark.parametrize(
    ("changes", "claimed", "expected"),
    [
        ({}, False, Departure("gone", True, True, False)),
        ({"state": LEAVING}, False, Departure("gone", False, True, False)),
        ({"thing_made": False}, False, Departure("gone", True, True, False)),
        ({"certificate_made": False}, False, Departure("gone", True, True, False)),
        (
            {"thing_made": False, "certificate_made": False},
            False,
            Departure("gone", True, False, False),
        ),
        (
            {"thing_made": False, "certificate_made": False},
            True,
            Departure("gone", True, True, False),
        ),
    ],
)
def test_what_leaves_is_ours_where_we_have_made_anything_of_it_or_claim_it(
    changes: dict[str, Any], claimed: bool, expected: Departure
) -> None:
    db = state(accepted(line("gone"), **changes))

    made = compared([], db)

    assert departed(db, made, claimed=claimed) == [expected]


@pytest.mark.parametrize(
    ("thing", "certificate_state", "key", "leaves"),
    [
        (None, REGISTERED, 0, True),
        (None, RETIRED, 0, False),
        # Its key is on a line.
        (None, REGISTERED, 1, False),
        (ABSENT, REGISTERED, 0, True),
        # The thing has another certificate: this one was of an earlier key.
        (REGISTERED, REGISTERED, 0, False),
    ],
)
def test_a_certificate_that_we_made_without_a_thing_leaves_unless_its_key_is_on_a_line(
    thing: int | None, certificate_state: int, key: int, leaves: bool
) -> None:
    db = state()
    if thing is not None:
        devices.put(db, Thing(0, "lost", thing))
    pem = Resolver(CSR).resolve(line("lost", key)).key
    certificate = KnownCertificate(OTHER_ID, pem, "lost", True, certificate_state)
    devices.put_certificate(db, certificate, 1)

    made = compared([line("a", 1), b'{"Name": "lost"}\n'], db)

    expected = [Departure("lost", False, True, False)] if leaves else []
    assert departed(db, made) == expected


def test_a_retired_thing_leaves_its_certificate_to_the_line_that_has_its_key() -> None:
    db = state(accepted(line("old"), state=RETIRED), accepted(line("other", 1), state=RETIRED))

    made = compared([line("new")], db)

    assert departed(db, made) == [Departure("old", False, True, True)]
