"""A step: what it knows of its call, and its state."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.stubs import NOW, PROPERTIES
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.head import StateObject, StoredState
from thing_registration_worker.state.schema import REGISTERED
from thing_registration_worker.step import Step
from thing_registration_worker.timing import CALL_BUDGET
from thing_registration_worker.version import VERSION

GONE = StoredState(StateObject("stack/fleet/states/gone.sqlite", 5))


def saved(make_step: Any) -> Step:
    """A step whose state has one device, and is saved."""
    step: Step = make_step("Compare")
    devices.put(step.db, Thing(0, "pump", REGISTERED))
    step.commit()
    return step


@pytest.mark.parametrize(
    ("timeout", "age", "end"),
    [
        (3_000, 0, CALL_BUDGET),
        (3_000, 2_990, 10),
        # What is done after the deadline ends the request.
        (3_000, 3_000, CALL_BUDGET),
        (3_000, 9_000, CALL_BUDGET),
    ],
)
def test_a_call_ends_in_time_for_the_next(
    make_step: Any, monkeypatch: pytest.MonkeyPatch, timeout: int, age: int, end: int
) -> None:
    changes = {"ResourceProperties": {**PROPERTIES, "TimeoutSeconds": str(timeout)}}
    step = make_step("Compare", event_changes=changes)
    began = NOW + age
    call = replace(step.call, began=began)

    step = Step(step.name, step.request, call, step.clients, step._file, step.head)

    assert step.end == began + end
    monkeypatch.setattr("time.time", lambda: began + end)
    assert step.is_over
    monkeypatch.setattr("time.time", lambda: began + end - 1)
    assert not step.is_over


def test_a_step_after_the_deadline_fails_and_names_itself(
    make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("Compare")
    step.check_time()
    monkeypatch.setattr("time.time", lambda: NOW + 3_001)

    with pytest.raises(RegistrationError, match="was over in its step Compare"):
        step.check_time()


@pytest.mark.parametrize(("before", "is_new"), [("", False), (VERSION, False), ("0.0.9", True)])
def test_code_is_new_where_another_version_has_run_before(
    make_step: Any, before: str, is_new: bool
) -> None:
    assert make_step("Compare", worker_before=before).is_new_code is is_new


def test_without_a_head_a_deletion_has_come_before(make_step: Any) -> None:
    step = make_step("Compare")
    step.head = None

    with pytest.raises(Superseded, match="by a deletion"):
        step.held  # noqa: B018
    step.commit(outcome={})


def test_a_state_that_cannot_be_read_is_said_and_begun_anew(
    make_step: Any, s3: MemoryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    step = make_step("Compare", state=GONE, state_number=7)

    assert devices.count_in_fleet(step.db) == 0

    assert step.held.state is None
    assert "gone.sqlite does not exist" in capsys.readouterr().out
    devices.put(step.db, Thing(0, "pump", REGISTERED))
    step.commit()
    assert [key for key in s3.writes if key.startswith("stack/fleet/states/00000008-")]


def test_a_state_that_is_whole_is_verified_without_being_read(make_step: Any, s3: MemoryS3) -> None:
    step = saved(make_step)
    s3.reads.clear()

    step.verify_state()

    assert step.held.state is not None
    assert s3.reads == []


@pytest.mark.parametrize(("body", "got"), [(None, "got nothing"), (b"x", "got 1 bytes")])
def test_a_state_of_which_an_object_is_cut_or_gone_is_lost_also_where_it_is_open(
    make_step: Any, s3: MemoryS3, capsys: pytest.CaptureFixture[str], body: bytes | None, got: str
) -> None:
    step = saved(make_step)
    state = step.held.state
    assert state is not None
    if body is None:
        s3.remove(state.base.key)
    else:
        s3.place(state.base.key, body)

    step.verify_state()

    assert step.held.state is None
    assert devices.count_in_fleet(step.db) == 0
    log = capsys.readouterr().out
    assert state.base.key in log
    assert got in log


def test_a_state_that_was_never_written_is_not_missing(make_step: Any) -> None:
    step = make_step("Compare")

    step.verify_state()

    assert step.held.state is None


def test_a_commit_without_a_change_writes_nothing(make_step: Any, s3: MemoryS3) -> None:
    step = make_step("Compare")
    step.db.execute("DELETE FROM thing")

    step.commit()

    assert s3.writes == []


def test_the_version_of_the_worker_is_written_with_each_commit(make_step: Any) -> None:
    step = make_step("Compare", worker="0.0.9")

    step.commit(replace(step.run, lines=1))

    assert step.held.worker == VERSION


def test_each_commit_has_a_token_of_its_own(make_step: Any) -> None:
    step = make_step("Compare")
    step.commit(replace(step.run, lines=1))
    first = step.held.token

    step.commit(replace(step.run, lines=2))

    assert first
    assert step.held.token not in ("", first)
