"""A state that a version has stored is read by this one, and by those to come.

`version_0_1_0/` was written by that version: two devices are registered, one is retired.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import SHARED_BUCKET
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.fleet.sent import sent_things
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

VERSIONS = ("version_0_1_0",)


@pytest.mark.parametrize("version", VERSIONS)
def test_devices_that_an_earlier_version_has_registered_are_not_sent_again(
    aws: SimulatedAws, new_stack: Callable[[str], Stack], by_hand: ByHand, version: str
) -> None:
    folder = Path(__file__).parent / version
    _store(aws, folder)
    lines = [json.loads(line) for line in (folder / "devices.jsonl").read_text().splitlines()]
    # Behind the requests of that version.
    aws.sleep(60)
    stack = new_stack("Shared")
    stack.declare_devices([*lines[:2], device("added")])

    assert stack.create() == "CREATE_COMPLETE"
    counts = stack.counts()
    assert (counts["Unchanged"], counts["Succeeded"]) == (2, 1)
    assert sent_things(by_hand, after=0) == ["added"]


def test_what_a_later_version_adds_to_the_tables_is_left_alone(
    aws: SimulatedAws, new_stack: Callable[[str], Stack], tmp_path: Path
) -> None:
    folder = Path(__file__).parent / VERSIONS[-1]
    later = tmp_path / "state.sqlite"
    later.write_bytes((folder / "state.sqlite").read_bytes())
    state = sqlite3.connect(later)
    tables = state.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        state.execute(f"ALTER TABLE {table} ADD COLUMN colour TEXT DEFAULT 'red'")
    state.execute("CREATE TABLE later (name TEXT)")
    state.commit()
    state.close()
    head = json.loads((folder / "head.json").read_text())
    (tmp_path / "head.json").write_text(json.dumps({**head, "version": 2}))
    stored = json.loads((tmp_path / "head.json").read_text())
    stored["state"]["base"]["size"] = later.stat().st_size
    (tmp_path / "head.json").write_text(json.dumps(stored))
    _store(aws, tmp_path)
    aws.sleep(60)
    lines = [json.loads(line) for line in (folder / "devices.jsonl").read_text().splitlines()]
    stack = new_stack("Shared")
    stack.declare(Deregister="REMOVED_LINES")
    stack.declare_devices([*lines[:1], device("added"), device("another")])

    assert stack.create() == "CREATE_COMPLETE"
    assert (stack.counts()["Unchanged"], stack.counts()["Succeeded"]) == (1, 2)
    stack.declare_devices([*lines[:1], device("added")])
    assert stack.update() == "UPDATE_COMPLETE"
    kept = json.load(
        aws.client("s3").get_object(Bucket=SHARED_BUCKET, Key="fleet/head.json")["Body"]
    )
    assert kept["version"] == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_any_sqlite_answers_what_a_user_asks(version: str) -> None:
    folder = Path(__file__).parent / version
    runner = json.loads((folder / "head.json").read_text())["runner"]
    state = sqlite3.connect(folder / "state.sqlite")

    states = state.execute("SELECT state, count(*) FROM device GROUP BY state").fetchall()
    retired = state.execute("SELECT name FROM device WHERE retired_by = ?", (runner,)).fetchall()
    made = state.execute("SELECT count(*) FROM device WHERE certificate_made").fetchone()
    state.close()

    assert states == [("registered", 2), ("retired", 1)]
    assert retired == [("Shared-Task-2",)]
    assert made == (3,)


def test_a_state_of_a_later_version_is_left_alone_and_both_versions_are_named(
    aws: SimulatedAws, new_stack: Callable[[str], Stack], by_hand: ByHand
) -> None:
    folder = Path(__file__).parent / VERSIONS[-1]
    later = {"worker": "9.9.9", "version": 99, "oldest_reader": 99}
    _store(aws, folder, **later)
    stack = new_stack("Shared")
    stack.declare(Deregister="NEVER")

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "version 9.9.9" in stack.reason()
    assert "this is version 0.1.0" in stack.reason()
    s3 = aws.client("s3")
    head = json.load(s3.get_object(Bucket=SHARED_BUCKET, Key="fleet/head.json")["Body"])
    assert head["worker"] == "9.9.9"
    assert sent_things(by_hand, after=0) == []


def _store(aws: SimulatedAws, folder: Path, **changes: object) -> None:
    head = json.loads((folder / "head.json").read_text())
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=SHARED_BUCKET)
    body = (folder / "state.sqlite").read_bytes()
    s3.put_object(Bucket=SHARED_BUCKET, Key=head["state"]["base"]["key"], Body=body)
    text = json.dumps({**head, **changes})
    s3.put_object(Bucket=SHARED_BUCKET, Key="fleet/head.json", Body=text.encode())
