"""A registration task of ours, in the state."""

from dataclasses import replace
from sqlite3 import Connection

import pytest

from thing_registration_worker.state import schema
from thing_registration_worker.tasks import own_task
from thing_registration_worker.tasks.own_task import OwnTask

SENT = OwnTask("input/r/00000-ab-new.jsonl", "r", "", 5, sent_at=1.5)


@pytest.fixture
def db() -> Connection:
    made = schema.empty()
    own_task.put(made, SENT)
    return made


def test_a_task_is_found_by_the_file_that_it_reads(db: Connection) -> None:
    assert own_task.find(db, SENT.input_key) == SENT
    assert own_task.find(db, "another") is None


def test_what_is_known_later_replaces_what_was_known(db: Connection) -> None:
    ended = replace(
        SENT,
        task_id="task",
        ended_at=9.5,
        status="Completed",
        succeeded=4,
        failed=1,
        results=2,
        errors=1,
        result_lines=4,
        error_lines=1,
        first_number=1,
        last_number=5,
        accounted=True,
    )

    own_task.put(db, ended)

    assert own_task.find(db, SENT.input_key) == ended


def test_a_task_that_aws_has_refused_is_forgotten(db: Connection) -> None:
    own_task.forget(db, SENT.input_key)

    assert own_task.find(db, SENT.input_key) is None


def test_only_what_is_accounted_for_of_other_requests_is_forgotten(db: Connection) -> None:
    others = [
        replace(SENT, input_key="done", request="old", accounted=True),
        replace(SENT, input_key="open", request="old"),
        replace(SENT, input_key="mine", accounted=True),
    ]
    for each in others:
        own_task.put(db, each)

    own_task.forget_others(db, "r")

    left = [key for (key,) in db.execute("SELECT input_key FROM task ORDER BY 1")]
    assert left == [SENT.input_key, "mine", "open"]
