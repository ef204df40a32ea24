"""Which line has which thing and which key."""

import pytest

from tests.unit.lambda_.fleet.compared import (
    BY_ID,
    ID,
    NONE,
    OTHER_ID,
    accepted,
    compared,
    kept,
    line,
    state,
)
from thing_registration_worker.fleet.comparison import DuplicateDevice
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.schema import ABSENT, FOUND, RETIRED


@pytest.mark.parametrize(
    "known",
    [
        [],
        # One is unchanged.
        [accepted(line("a", 0))],
        # The other has another key.
        [accepted(line("a", 1)), accepted(line("c", 3), certificate_id=OTHER_ID)],
        # Both are unchanged.
        [accepted(line("a", 0)), accepted(line("c", 0), certificate_id=OTHER_ID)],
        # Both were only looked up.
        [accepted(line("a", 0), state=FOUND), accepted(line("c", 3), state=ABSENT)],
    ],
)
def test_a_key_on_two_lines_is_refused(known: list[Thing]) -> None:
    made = compared([line("a", 0), b"\n", line("b", 2), line("c", 0)], state(*known))

    with pytest.raises(DuplicateDevice, match="line 4 uses the same key as line 1"):
        made.check_keys()


def test_two_things_that_exchange_their_keys_do_not_share_one() -> None:
    db = state(accepted(line("a", 0)), accepted(line("b", 1), certificate_id=OTHER_ID))

    made = compared([line("a", 1), line("b", 0)], db)
    made.check_keys()

    assert [each.certificate_id for each in kept(db)] == [OTHER_ID, ID]


def test_a_key_of_a_thing_that_is_on_no_line_is_not_shared() -> None:
    db = state(accepted(line("old", 0), state=RETIRED), accepted(line("a", 0)))

    compared([line("a", 0)], db).check_keys()


def test_lines_without_keys_are_not_alike() -> None:
    compared([line("a"), line("b"), b"\n", b"{", b"{"], state(), NONE).check_keys()


@pytest.mark.parametrize("body", [BY_ID, NONE])
def test_lines_that_give_no_key_any_more_do_not_share_the_one_that_was_known(
    body: Template,
) -> None:
    # It was renamed once: both things had the key.
    db = state(accepted(line("old", 0), state=RETIRED), accepted(line("new", 0)))

    compared([line("old", ID), line("new", OTHER_ID)], db, body).check_keys()
