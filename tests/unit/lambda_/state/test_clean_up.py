"""Objects of the state that no longer count are deleted, and no others."""

from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.state.clean_up import delete_old_states
from thing_registration_worker.state.head import StateObject, StoredState
from thing_registration_worker.timing import KEPT_STATES_SECONDS

STATES = "stack/fleet/states/"
OLD, YOUNG = NOW - KEPT_STATES_SECONDS - 1, NOW - KEPT_STATES_SECONDS + 1


def key(number: int, kind: str = "sqlite") -> str:
    return f"{STATES}{number:08}-token.{kind}"


@pytest.fixture
def states(s3: MemoryS3) -> MemoryS3:
    """Three bases with changes between them, all old."""
    for number, kind in enumerate(["sqlite", "changes", "sqlite", "changes", "sqlite", "changes"]):
        s3.place(key(number, kind), b"x")
        s3.ages[key(number, kind)] = OLD
    return s3


def cleaned(make_step: Any, s3: MemoryS3, base: str, *changes: str) -> list[str]:
    """Clean up where the head names these objects; return the keys that are left."""
    stored = StoredState(StateObject(base, 1), tuple(StateObject(one, 1) for one in changes))
    delete_old_states(make_step("Answer", state=stored))
    return sorted(one for one in s3.bodies if one.startswith(STATES))


def test_what_is_before_the_last_two_bases_is_deleted(make_step: Any, states: MemoryS3) -> None:
    left = cleaned(make_step, states, key(4), key(5, "changes"))

    assert left == [key(2), key(3, "changes"), key(4), key(5, "changes")]


def test_what_is_younger_than_a_day_stays(make_step: Any, states: MemoryS3) -> None:
    states.ages[key(1, "changes")] = YOUNG

    assert key(1, "changes") in cleaned(make_step, states, key(4))
    assert key(0) not in states.bodies


def test_what_the_head_names_stays_however_old_it_is(make_step: Any, states: MemoryS3) -> None:
    left = cleaned(make_step, states, key(0), key(1, "changes"))

    assert [key(0), key(1, "changes")] == left[:2]


def test_changes_before_two_bases_are_deleted(make_step: Any, s3: MemoryS3) -> None:
    for number, kind in enumerate(["changes", "sqlite", "sqlite"]):
        s3.place(key(number, kind), b"x")

    assert cleaned(make_step, s3, key(2)) == [key(1), key(2)]


def test_a_single_base_stays(make_step: Any, s3: MemoryS3) -> None:
    s3.place(key(1), b"x")

    assert cleaned(make_step, s3, key(9)) == [key(1)]


def test_without_a_state_nothing_is_deleted(make_step: Any, states: MemoryS3) -> None:
    delete_old_states(make_step("Answer"))

    assert key(0) in states.bodies


def test_a_bucket_that_is_gone_is_no_failure(
    make_step: Any, states: MemoryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    step = make_step("Answer", state=StoredState(StateObject(key(4), 1)))
    states.is_gone = True

    delete_old_states(step)

    assert "old states are not deleted" in capsys.readouterr().out


def test_an_object_that_s3_refuses_to_delete_is_no_failure(
    make_step: Any, states: MemoryS3
) -> None:
    states.undeletable.add(key(0))

    assert key(0) in cleaned(make_step, states, key(4))
