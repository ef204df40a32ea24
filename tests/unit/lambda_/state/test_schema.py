"""The fleet's state as a database that anyone can open and ask."""

import sqlite3
from pathlib import Path

import pytest

from thing_registration_worker.state import devices, pages, schema
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.schema import REGISTERED, RETIRED

KEY, ID = "0a" * 32, "c1" * 32


@pytest.fixture
def file(tmp_path: Path) -> sqlite3.Connection:
    """A state with two devices, as a file that a user has opened."""
    db = schema.empty()
    certified = {"key": KEY, "certificate_id": ID, "certificate_made": True, "thing_made": True}
    devices.put(db, Thing(0, "pump", REGISTERED, bytes(17), **certified, at=1_767_225_600))  # type: ignore[arg-type]
    devices.put(db, Thing(0, "old", RETIRED, bytes(17), "0b" * 32, "c2" * 32))
    db.execute("UPDATE thing SET retired_by = 'r' WHERE name = 'old'")
    db.execute("COMMIT")
    pages.dump(db, tmp_path / "state.sqlite")
    return sqlite3.connect(tmp_path / "state.sqlite")


def test_a_new_state_knows_its_version_and_nothing_else() -> None:
    db = schema.empty()

    assert db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    assert list(db.execute("SELECT * FROM thing")) == []
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_is_written_to_it_waits_for_a_commit() -> None:
    db = schema.empty()
    devices.put(db, Thing(0, "pump", REGISTERED))

    db.execute("ROLLBACK")

    assert devices.by_name(db, "pump") is None


def test_a_user_sees_which_devices_are_registered(file: sqlite3.Connection) -> None:
    query = "SELECT name, at FROM device WHERE state = 'registered'"

    assert file.execute(query).fetchall() == [("pump", "2026-01-01 00:00:00")]


def test_a_user_sees_whose_a_certificate_is(file: sqlite3.Connection) -> None:
    query = "SELECT name, thing_made, certificate_made FROM device WHERE certificate_id = ?"

    assert file.execute(query, (ID,)).fetchall() == [("pump", 1, 1)]


def test_a_user_sees_which_run_has_retired_a_device(file: sqlite3.Connection) -> None:
    query = "SELECT state, public_key, retired_by FROM device WHERE name = 'old'"

    assert file.execute(query).fetchall() == [("retired", "0b" * 32, "r")]


def test_each_state_has_a_word() -> None:
    db = schema.empty()
    for state in range(len(schema.STATE_NAMES)):
        devices.put(db, Thing(0, f"t{state}", state))

    shown = [word for (word,) in db.execute("SELECT state FROM device ORDER BY name")]
    assert shown == list(schema.STATE_NAMES)
