"""How a run ends."""

import json
from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, REQUEST_ID
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.run.conclusion import conclude, tolerance
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import lines
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.state.lines import Line

SUMMARY = f"stack/fleet/runs/{REQUEST_ID}/summary.json"
REFUSED = Line(1, 0, 1, None, "unreadable", "", outcome="refused", failure="why")


@pytest.mark.parametrize(
    ("max_failures", "total", "allowed"),
    [
        ("0", 100, 0),
        ("7", 3, 7),
        ("5%", 100, 5),
        ("5%", 99, 4),
        ("5%", 0, 0),
        ("0%", 100, 0),
        ("100%", 3, 3),
        ("0.5%", 1_000, 5),
        ("33.3%", 10, 3),
    ],
)
def test_so_many_devices_may_fail(max_failures: str, total: int, allowed: int) -> None:
    assert tolerance(max_failures, total) == allowed


@pytest.mark.parametrize(
    ("run", "failure", "refused", "following"),
    [
        (Run(to_deregister=1), "", False, "Deregister"),
        (Run(to_deregister=1, deregistered=1), "", False, "Answer"),
        (Run(), "", False, "Answer"),
        (Run(to_deregister=1), "a part failed", False, "Answer"),
        (Run(to_deregister=1), "", True, "Answer"),
    ],
)
def test_devices_are_deregistered_only_after_a_run_that_did_not_fail(
    make_step: Any, run: Run, failure: str, refused: bool, following: str
) -> None:
    step = make_step("Finish", run=run)
    lines.add(step.db, [REFUSED] * refused)

    assert conclude(step, run, failure).next_step == following


def test_a_worker_that_dies_while_it_deregisters_is_a_failure(make_step: Any) -> None:
    run = Run(to_deregister=1, judged=True)

    outcome = conclude(make_step("Finish", run=run), run)

    assert outcome.head["last_run"].request_id == REQUEST_ID
    assert outcome.run is not None
    assert not outcome.run.judged


def test_more_failures_than_may_fail_are_a_failure_with_its_counts_and_reports(
    make_step: Any,
) -> None:
    run = Run(lines=1, unread=1, failures=("line 1: why",))
    step = make_step("Finish", run=run)
    lines.add(step.db, [REFUSED])

    assert conclude(step, run).failure == (
        "1 devices are not registered as declared; 0 things registered, 1 failed, 0 may fail; "
        f"reports: s3://fleet/stack/fleet/runs/{REQUEST_ID}/; first failures: line 1: why"
    )


def test_failures_that_are_allowed_are_none(make_step: Any) -> None:
    run = Run(lines=1, unread=1)
    allowed = {"ResourceProperties": {**PROPERTIES, "MaxFailures": "1"}}
    step = make_step("Finish", run=run, event_changes=allowed)
    lines.add(step.db, [REFUSED])

    outcome = conclude(step, run)

    assert (outcome.next_step, outcome.failure, outcome.fold) == ("Answer", "", True)


def test_a_run_without_a_task_keeps_the_task_of_the_run_before(make_step: Any) -> None:
    before = LastRun("old", "task-0", "Completed", succeeded=9, registered=9)
    run = Run(lines=3, unchanged=3, removed=2)

    outcome = conclude(make_step("Finish", run=run, last_run=before), run)

    assert outcome.head["last_run"] == LastRun(
        REQUEST_ID, "task-0", "Completed", unchanged=3, removed=2
    )


def test_a_run_with_a_task_is_known_by_it(make_step: Any) -> None:
    task = Task("task-1", "Completed", "", "fleet", INPUT_KEY, NOW, NOW, 1, 0, 100)

    outcome = conclude(make_step("Finish"), Run(), task=task)

    last = outcome.head["last_run"]
    assert (last.task_id, last.status) == ("task-1", "Completed")


def test_the_summary_lies_beside_the_reports(make_step: Any, s3: MemoryS3) -> None:
    run = Run(lines=4, unchanged=1, unread=1, retired=2, failures=("line 1: why",))
    step = make_step("Finish", run=run)
    lines.add(step.db, [REFUSED, Line(2, 0, 1, 0, "same", "a", outcome="kept")])

    conclude(step, run, "the task failed")

    assert json.loads(s3.bodies[SUMMARY]) == {
        "lines": 4,
        "to_send": 1,
        "succeeded": 0,
        "failed": 1,
        "unchanged": 2,
        "unread": 1,
        "removed": 0,
        "retired": 2,
        "not_deregistered": 0,
        "registered": 0,
        "failures": ["line 1: why"],
        "failure": "the task failed",
    }
