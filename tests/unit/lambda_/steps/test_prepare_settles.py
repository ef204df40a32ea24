"""The Prepare step: nothing older runs, everything moved, and rights that come late."""

from typing import Any

import pytest

from tests.unit.lambda_.stubs import NOW, PROPERTIES, described, event, queue_tasks
from thing_registration_worker.request.request import Request
from thing_registration_worker.state.claim import LastStart
from thing_registration_worker.steps.prepare import has_to_run, prepare

MOVED = {"OldResourceProperties": {**PROPERTIES, "Bucket": "before", "EmptyOnDelete": "false"}}


@pytest.mark.parametrize(
    "status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS"]
)
def test_a_creation_runs_while_the_stack_waits_for_it(status: str) -> None:
    assert has_to_run(Request.from_event(event()), status)


def test_an_older_task_is_waited_for_until_the_deadline(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described("task-0", status="Cancelling")])

    outcome = prepare(make_step("Prepare", deadline=NOW))

    assert (outcome.next_step, outcome.wait) == ("Prepare", 2)


def test_an_older_task_that_no_list_shows_yet_is_stopped_by_its_id(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot").add_response("describe_thing_registration_task", described("task-0"))
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-0"})
    start = LastStart("stack/fleet/input/older.jsonl", NOW, "task-0")

    assert prepare(make_step("Prepare", last_start=start)).next_step == "Prepare"


def test_a_task_in_the_bucket_of_before_an_update_is_stopped_too(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_tasks(aws, InProgress=[described("task-0", inputFileBucket="before")], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-0"})

    outcome = prepare(make_step("Prepare", "Update", event_changes=MOVED))

    assert outcome.next_step == "Prepare"


def test_nothing_is_moved_while_a_task_runs_in_the_new_bucket(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])
    queue_tasks(aws, InProgress=[], Cancelling=[])

    outcome = prepare(make_step("Prepare", "Update", event_changes=MOVED))

    assert outcome.next_step == "Prepare"
