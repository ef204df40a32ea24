"""What a run has retired and brought back, and how a rollback takes it back."""

from sqlite3 import Connection
from typing import Any

import pytest

from tests.unit.lambda_.registry_answers import ARN, queue_certificate, queue_no_certificate
from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.aws import cloudformation
from thing_registration_worker.removal import retired_devices
from thing_registration_worker.removal.retired_devices import Change, take_back
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate, Thing
from thing_registration_worker.state.schema import LEAVING, REGISTERED, RETIRED, RETURNING
from thing_registration_worker.step import Step

K1, K2 = "a1" * 32, "a2" * 32
C1, C2, C3, C5 = "c1" * 32, "c2" * 32, "c3" * 32, "c5" * 32


@pytest.fixture
def step(make_step: Any) -> Step:
    made: Step = make_step("BringBack")
    return made


@pytest.fixture
def db(step: Step) -> Connection:
    """A state of the run `r`.

    It has retired `gone`, which has an earlier key too; detached `old`; brought back `back`.
    """
    db = step.db
    devices.put(db, Thing(0, "gone", RETIRED, bytes(17), K1, C1, True, True))
    devices.put_certificate(db, KnownCertificate(C2, K2, "gone", True, RETIRED), 1)
    devices.put(db, Thing(0, "old", RETIRED, bytes(17), "a3" * 32, C3, True, True))
    devices.put(db, Thing(0, "before", RETIRED, bytes(17), "a4" * 32, "c4" * 32))
    back = Thing(0, "back", REGISTERED, bytes(17), "a5" * 32, C5, True, True, returned_by="r")
    devices.put(db, back)
    db.execute("UPDATE thing SET retired_by = 'r' WHERE name IN ('gone', 'old')")
    db.execute("UPDATE thing SET retired_by = 'q' WHERE name = 'before'")
    db.execute("UPDATE certificate SET retired_by = 'r'")
    db.execute("INSERT INTO detached VALUES ('old', ?, 1, 'r')", (devices.blob(C3),))
    return db


def found(db: Connection, name: str) -> Thing:
    thing = devices.by_name(db, name)
    assert thing is not None
    return thing


def test_what_a_run_has_done_is_known_by_its_request(db: Connection) -> None:
    assert retired_devices.by(db, "r") == [
        Change("back", C5, "returned"),
        Change("gone", C1, "retired"),
        Change("gone", C2, "retired"),
        Change("old", C3, "detached"),
    ]
    assert retired_devices.by(db, "nobody") == []


@pytest.mark.parametrize(
    ("undone", "is_any"),
    [
        ((), True),
        (("UPDATE thing SET retired_by = NULL", "UPDATE certificate SET retired_by = NULL"), True),
        (("DELETE FROM thing", "DELETE FROM detached"), True),
        (("DELETE FROM thing", "DELETE FROM certificate"), True),
        (("DELETE FROM certificate", "DELETE FROM detached"), True),
        (("DELETE FROM thing", "DELETE FROM certificate", "DELETE FROM detached"), False),
    ],
)
def test_a_run_has_done_something_wherever_that_stands(
    db: Connection, undone: tuple[str, ...], is_any: bool
) -> None:
    for statement in undone:
        db.execute(statement)

    assert retired_devices.any_by(db, "r") is is_any
    assert not retired_devices.any_by(db, "nobody")


@pytest.mark.parametrize(
    ("runner", "began", "has_to"),
    [("r", NOW - 5, True), ("r", NOW + 5, False), ("nobody", NOW - 5, False)],
)
def test_only_what_the_operation_itself_has_done_is_taken_back(
    make_step: Any, monkeypatch: pytest.MonkeyPatch, runner: str, began: float, has_to: bool
) -> None:
    step = make_step("Prepare", runner=runner, runner_received_at=NOW)
    devices.put(step.db, Thing(0, "back", REGISTERED, returned_by="r"))
    step.commit()
    monkeypatch.setattr(cloudformation, "operation_began_at", lambda *_: began)

    assert retired_devices.has_to_bring_back(step) is has_to


def test_without_a_state_nothing_is_taken_back(make_step: Any) -> None:
    step = make_step("Prepare", runner="r")
    assert not retired_devices.has_to_bring_back(step)

    step.head = None
    assert not retired_devices.has_to_bring_back(step)


def test_a_certificate_that_returns_with_its_line_is_what_the_new_run_has_done(
    db: Connection,
) -> None:
    others = [
        retired_devices.note_return(db, key, name, "s")
        for key, name in ((K1, "renamed"), (K2, "gone"), ("a3" * 32, "old"), ("ff" * 32, "new"))
    ]
    assert others == [1, 0, 0, 0]

    certificate = devices.by_key(db, K2)
    assert certificate is not None
    assert (found(db, "gone").state, certificate.state) == (RETURNING, RETURNING)
    assert retired_devices.by(db, "s") == [
        Change("gone", C1, "returned"),
        Change("gone", C2, "returned"),
        Change("old", C3, "returned"),
    ]
    assert [each.thing for each in retired_devices.by(db, "r")] == ["back", "old"]


def test_a_certificate_that_is_in_use_is_left_when_its_line_returns(db: Connection) -> None:
    devices.put(db, Thing(0, "on", REGISTERED, bytes(17), "a6" * 32, "c6" * 32))

    assert retired_devices.note_return(db, "a6" * 32, "on", "s") == 0

    assert found(db, "on").state == REGISTERED
    assert not retired_devices.any_by(db, "s")


@pytest.mark.parametrize(
    ("change", "status", "asked", "state"),
    [
        (Change("gone", C1, "retired"), "INACTIVE", "ACTIVE", REGISTERED),
        (Change("back", C5, "returned"), "ACTIVE", "INACTIVE", RETIRED),
    ],
)
def test_what_a_run_has_done_is_undone(
    aws: Any, step: Step, db: Connection, change: Change, status: str, asked: str, state: int
) -> None:
    queue_certificate(aws, change.certificate_id, status=status)
    aws.stub("iot").add_response(
        "update_certificate", {}, {"certificateId": change.certificate_id, "newStatus": asked}
    )

    take_back(step, change)

    assert found(db, change.thing).state == state
    assert change not in retired_devices.by(db, "r")
    assert len(retired_devices.by(db, "r")) == 3


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (Change("gone", C2, "retired"), "REVOKED"),
        (Change("gone", C2, "retired"), "ACTIVE"),
        (Change("gone", C2, "retired"), ""),
        (Change("back", C5, "returned"), "REVOKED"),
        (Change("back", C5, "returned"), "INACTIVE"),
        (Change("back", C5, "returned"), ""),
    ],
)
def test_what_somebody_else_has_changed_stays_so(
    aws: Any, step: Step, db: Connection, change: Change, status: str
) -> None:
    if status:
        queue_certificate(aws, change.certificate_id, status=status)
    else:
        queue_no_certificate(aws, change.certificate_id)

    take_back(step, change)

    assert change not in retired_devices.by(db, "r")


def test_what_was_detached_is_attached(aws: Any, step: Step, db: Connection) -> None:
    aws.stub("iot").add_response(
        "attach_thing_principal", {}, {"thingName": "old", "principal": f"{ARN}:cert/{C3}"}
    )

    take_back(step, Change("old", C3, "detached"))

    assert found(db, "old").state == REGISTERED
    assert [each.thing for each in retired_devices.by(db, "r")] == ["back", "gone", "gone"]


@pytest.mark.parametrize("is_cut", [False, True])
def test_what_returned_under_another_name_and_was_detached_is_out_of_use_and_attached(
    aws: Any, make_step: Any, is_cut: bool
) -> None:
    """A run has brought the certificate of `old` back for `new`, and has detached `old`."""
    step = make_step("BringBack")
    db, key = step.db, "a3" * 32
    devices.put(db, Thing(0, "old", RETIRED, bytes(17), key, "", True, True))
    devices.put(db, Thing(0, "new", REGISTERED, bytes(17), key, C3, True, True))
    db.execute("UPDATE thing SET retired_by = 'r', returned_by = 'r' WHERE name = 'old'")
    db.execute("INSERT INTO detached VALUES ('old', ?, 1, 'r')", (devices.blob(C3),))
    assert retired_devices.by(db, "r")[0] == Change("old", C3, "returned")
    queue_certificate(aws, C3, status="ACTIVE")
    aws.stub("iot").add_response(
        "update_certificate", {}, {"certificateId": C3, "newStatus": "INACTIVE"}
    )
    aws.stub("iot").add_response(
        "attach_thing_principal", {}, {"thingName": "old", "principal": f"{ARN}:cert/{C3}"}
    )

    for change in retired_devices.by(db, "r"):
        take_back(step, change)
        if is_cut:
            break
    for change in retired_devices.by(db, "r"):
        take_back(step, change)

    assert (found(db, "old").state, found(db, "new").state) == (RETIRED, RETIRED)
    assert found(db, "old").certificate_id == C3
    assert retired_devices.by(db, "r") == []


def test_a_thing_that_never_had_a_certificate_comes_back_without_a_call(step: Step) -> None:
    devices.put(step.db, Thing(0, "bare", LEAVING, thing_made=True))
    step.db.execute("UPDATE thing SET retired_by = 'r'")
    (change,) = retired_devices.by(step.db, "r")
    assert change == Change("bare", "", "retired")

    take_back(step, change)

    assert found(step.db, "bare").state == REGISTERED
    assert retired_devices.by(step.db, "r") == []
