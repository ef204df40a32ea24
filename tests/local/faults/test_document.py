"""Faults strike the registration tasks, and the journal tells of it."""

from __future__ import annotations

import time

import pytest

from tests.local.fleet import Fleet, eventually

pytestmark = pytest.mark.slow
DEVICES = [{"ThingName": f"device{n}"} for n in range(1, 6)]


def test_the_next_calls_fail_with_a_code(fleet: Fleet) -> None:
    fault = {"api": "StopThingRegistrationTask", "code": "InternalFailureException", "next": 1}
    fleet.aws.faults(calls=[fault])
    task = fleet.run(DEVICES)

    with pytest.raises(fleet.iot.exceptions.InternalFailureException):
        fleet.iot.stop_thing_registration_task(taskId=task["taskId"])
    fleet.iot.stop_thing_registration_task(taskId=task["taskId"])


def test_a_rate_of_calls_is_throttled(fleet: Fleet) -> None:
    fleet.aws.faults(seed=3, throttling=False, calls=[{"rate": 0.5}])
    failed = 0
    for _ in range(20):
        try:
            fleet.iot.list_thing_registration_tasks()
        except fleet.iot.exceptions.ThrottlingException:
            failed += 1

    assert 3 < failed < 17


def test_a_role_is_not_known_at_first(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, role={"seconds": 0.5})

    with pytest.raises(fleet.iot.exceptions.InvalidRequestException, match="sts:AssumeRole"):
        fleet.start(DEVICES)
    time.sleep(0.6)
    assert fleet.run(DEVICES)["status"] == "Completed"
    fleet.aws.faults(throttling=False, role={"seconds": 60, "at": "task"})
    failed = fleet.run(DEVICES)
    assert (failed["status"], "sts:AssumeRole" in failed["message"]) == ("Failed", True)


@pytest.mark.parametrize("code", ["LimitExceededException", "InvalidRequestException"])
def test_somebody_elses_task_holds_the_slot(fleet: Fleet, code: str) -> None:
    fleet.aws.faults(throttling=False, foreign_task_seconds=1, busy_code=code)

    with pytest.raises(fleet.iot.exceptions.ClientError, match=code):
        fleet.start(DEVICES)
    (foreign,) = fleet.iot.list_thing_registration_tasks(status="InProgress")["taskIds"]
    assert fleet.describe(foreign)["inputFileBucket"] == "somebody-elses-bucket"
    eventually(lambda: fleet.describe(foreign)["status"], lambda status: status == "Completed")
    assert fleet.run(DEVICES)["status"] == "Completed"


def test_lines_fail_with_any_message(fleet: Fleet) -> None:
    message = "Größenüberschreitung 超過 " * 500
    fleet.aws.faults(
        throttling=False,
        lines=[{"line": 2, "message": message, "code": "X"}, {"pattern": "device4"}],
    )

    task = fleet.run(DEVICES)

    assert (task["successCount"], task["failureCount"]) == (3, 2)
    first, second = fleet.report(task["taskId"], "ERRORS")
    assert (first["lineNumber"], first["errorMessage"], first["errorCode"]) == (2, message, "X")
    assert second["lineNumber"] == 4


@pytest.mark.parametrize("ends", ["Failed", "Cancelled"])
def test_a_task_ends_otherwise(fleet: Fleet, ends: str) -> None:
    fleet.aws.faults(
        throttling=False, task={"ends": ends, "message": "disk on fire", "after_lines": 2}
    )

    task = fleet.run(DEVICES)

    assert (task["status"], task["successCount"]) == (ends, 2)
    assert task.get("message") == ("disk on fire" if ends == "Failed" else None)
    assert len(fleet.report(task["taskId"], "RESULTS")) == 2


def test_a_task_hangs_until_it_is_stopped_and_is_long_in_cancelling(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, task={"ends": "hangs"}, cancelling_seconds=0.5)
    task_id = fleet.start(DEVICES)
    time.sleep(0.3)
    assert fleet.describe(task_id)["status"] == "InProgress"

    fleet.iot.stop_thing_registration_task(taskId=task_id)

    assert fleet.describe(task_id)["status"] == "Cancelling"
    with pytest.raises(fleet.iot.exceptions.LimitExceededException):
        fleet.start(DEVICES)
    assert fleet.finished(task_id)["status"] == "Cancelled"


def test_links_come_late(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, reports={"empty_first": 2})
    task = fleet.run(DEVICES)

    counts = [len(fleet.links(task["taskId"], "RESULTS")) for _ in range(3)]
    assert counts == [0, 0, 1]
    fleet.aws.faults(throttling=False, reports={"late_seconds": 1})
    task = fleet.run(DEVICES)
    assert fleet.links(task["taskId"], "RESULTS") == []
    eventually(lambda: fleet.links(task["taskId"], "RESULTS"), bool)


@pytest.mark.parametrize("shape", ["flat", "nested", "message"])
def test_error_lines_come_in_other_shapes(fleet: Fleet, shape: str) -> None:
    fleet.aws.faults(throttling=False, reports={"errors_format": shape}, lines=[{"line": 1}])

    task = fleet.run(DEVICES)

    (line,) = fleet.report(task["taskId"], "ERRORS")
    assert "An internal failure occurred" in str(line)


def test_pages_can_be_small(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, page_size=1, reports={"lines_per_link": 2})
    task = fleet.run(DEVICES)

    first = fleet.iot.list_thing_registration_task_reports(
        taskId=task["taskId"], reportType="RESULTS"
    )
    assert len(first["resourceLinks"]) == 1
    assert len(fleet.links(task["taskId"], "RESULTS")) == 3


def test_the_journal_tells_who_called_what_when(fleet: Fleet) -> None:
    mark = fleet.aws.journal()[-1]["n"] if fleet.aws.journal() else 0
    task = fleet.run(DEVICES)
    with pytest.raises(fleet.iot.exceptions.ResourceNotFoundException):
        fleet.describe("unknown")

    calls = fleet.aws.journal("call", after=mark)
    start = calls[0]
    assert start["api"] == "StartThingRegistrationTask"
    assert start["caller"] == f"arn:aws:iam::{fleet.aws.account}:root"
    assert start["parameters"]["roleArn"] == fleet.role_arn
    assert start["result"] == {"taskId": task["taskId"]}
    assert abs(start["time"] - time.time()) < 30
    assert calls[-1]["error"] == "ResourceNotFoundException"


def test_an_unknown_fault_is_refused(fleet: Fleet) -> None:
    with pytest.raises(ValueError, match="unknown fault cals"):
        fleet.aws.faults(cals=[])
