"""Faults strike the registration tasks, and the journal tells of it."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.local.fleet import Fleet, answers_until, eventually

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
    fleet.aws.faults(throttling=False, role={"seconds": 3})

    with pytest.raises(fleet.iot.exceptions.InvalidRequestException, match="sts:AssumeRole"):
        fleet.start(DEVICES)
    task_id = eventually(lambda: start_or_none(fleet), bool)
    assert fleet.finished(task_id)["status"] == "Completed"
    fleet.aws.faults(throttling=False, role={"seconds": 60, "at": "task"})
    failed = fleet.run(DEVICES)
    assert (failed["status"], "sts:AssumeRole" in failed["message"]) == ("Failed", True)


@pytest.mark.parametrize("code", ["LimitExceededException", "InvalidRequestException"])
def test_somebody_elses_task_holds_the_slot(fleet: Fleet, code: str) -> None:
    fleet.aws.faults(throttling=False, foreign_task_seconds=3, busy_code=code)

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
    fleet.aws.faults(throttling=False, task={"ends": "hangs"}, cancelling_seconds=3)
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
    fleet.aws.faults(throttling=False, reports={"late_seconds": 3})
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
    assert abs(start["time"] - time.time()) < 600
    assert calls[-1]["error"] == "ResourceNotFoundException"


def test_links_appear_one_by_one(fleet: Fleet) -> None:
    fleet.aws.faults(
        throttling=False, reports={"lines_per_link": 2, "links_each_seconds": 2}, page_size=1
    )
    task = fleet.run(DEVICES)

    counts = answers_until(
        lambda: len(fleet.links(task["taskId"], "RESULTS")), lambda count: count == 3
    )
    assert sorted(set(counts)) == [0, 1, 2, 3]
    assert counts == sorted(counts)
    assert fleet.aws.fault_strikes()["reports.links_each_seconds"] > 0


def test_each_listing_shows_more_links(fleet: Fleet) -> None:
    fleet.aws.faults(
        throttling=False, reports={"lines_per_link": 2, "links_per_listing": 1}, page_size=1
    )
    task = fleet.run(DEVICES)

    assert [len(fleet.links(task["taskId"], "RESULTS")) for _ in range(4)] == [1, 2, 3, 3]


def test_a_list_lags_while_describe_is_current(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, list_lag_seconds=3, task={"ends": "hangs", "next": 1})
    task_id = fleet.start(DEVICES)

    assert fleet.describe(task_id)["status"] == "InProgress"
    assert task_id not in listed(fleet)
    eventually(lambda: listed(fleet, status="InProgress"), lambda ids: ids == [task_id])
    fleet.iot.stop_thing_registration_task(taskId=task_id)
    fleet.finished(task_id)
    assert listed(fleet, status="InProgress") == [task_id]
    eventually(lambda: listed(fleet, status="InProgress"), lambda ids: ids == [])
    eventually(lambda: listed(fleet, status="Cancelled")[:1], lambda ids: ids == [task_id])
    assert fleet.aws.fault_strikes()["list_lag_seconds"] > 1


def listed(fleet: Fleet, **over: str) -> list[str]:
    ids: list[str] = fleet.iot.list_thing_registration_tasks(**over)["taskIds"]
    return ids


def test_a_start_takes_effect_and_then_fails(fleet: Fleet) -> None:
    fault = {"api": "StartThingRegistrationTask", "code": "InternalFailureException", "next": 1}
    fleet.aws.faults(throttling=False, calls=[{**fault, "when": "after"}])
    before = listed(fleet)
    mark = fleet.aws.journal()[-1]["n"]

    with pytest.raises(fleet.iot.exceptions.InternalFailureException):
        fleet.start(DEVICES)

    (started,) = set(listed(fleet)) - set(before)
    assert fleet.finished(started)["successCount"] == len(DEVICES)
    (call,) = [
        entry for entry in fleet.aws.journal("call", mark) if entry["api"].startswith("Start")
    ]
    assert call["result"] == {"taskId": started}
    (fault,) = fleet.aws.journal("fault", mark)
    assert (fault["api"], fault["code"]) == (call["api"], "InternalFailureException")


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_connection_of_a_start_is_dropped(fleet: Fleet, when: str) -> None:
    fault = {"api": "StartThingRegistrationTask", "what": "dropped", "when": when, "next": 1}
    fleet.aws.faults(throttling=False, calls=[fault])
    before = listed(fleet)

    with pytest.raises(ConnectionClosedError):
        fleet.start(DEVICES)

    started = set(listed(fleet)) - set(before)
    assert len(started) == (1 if when == "after" else 0)
    for task_id in started:
        fleet.finished(task_id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_is_slow(fleet: Fleet, when: str) -> None:
    fault = {"api": "ListThingRegistrationTasks", "code": None, "latency": 0.7, "next": 1}
    fleet.aws.faults(calls=[{**fault, "when": when}])

    began = time.monotonic()
    listed(fleet)
    assert time.monotonic() - began > 0.7


@pytest.mark.parametrize("first", [0, 1])
def test_lines_are_numbered_from_0_or_1_in_both_reports(fleet: Fleet, first: int) -> None:
    fleet.aws.faults(throttling=False, reports={"first_line_number": first}, lines=[{"line": 2}])

    task = fleet.run(DEVICES[:3])

    errors = [line["lineNumber"] for line in fleet.report(task["taskId"], "ERRORS")]
    results = [line["lineNumber"] for line in fleet.report(task["taskId"], "RESULTS")]
    assert (errors, results) == ([first + 1], [first, first + 2])


def test_a_completed_task_has_counts_that_do_not_add_up(fleet: Fleet) -> None:
    fault = {"success_count": 0, "failure_count": 0, "next": 1}
    fleet.aws.faults(throttling=False, task=fault)

    first, second = fleet.run(DEVICES), fleet.run(DEVICES)

    assert (first["status"], first["successCount"], first["failureCount"]) == ("Completed", 0, 0)
    assert len(fleet.report(first["taskId"], "RESULTS")) == len(DEVICES)
    assert second["successCount"] == len(DEVICES)


@pytest.mark.parametrize("at", ["start", "task"])
def test_the_error_of_an_unusable_role_has_other_words(fleet: Fleet, at: str) -> None:
    fault = {"seconds": 60, "at": at, "code": "UnauthorizedException", "message": "no, not yet"}
    fleet.aws.faults(throttling=False, role=fault)

    if at == "start":
        with pytest.raises(fleet.iot.exceptions.UnauthorizedException, match="no, not yet"):
            fleet.start(DEVICES)
    else:
        assert fleet.run(DEVICES)["message"] == "no, not yet"


def test_a_taken_slot_has_other_words(fleet: Fleet) -> None:
    fleet.aws.faults(
        foreign_task_seconds=1, busy_code="InvalidRequestException", busy_message="come later"
    )

    with pytest.raises(fleet.iot.exceptions.InvalidRequestException, match="come later"):
        fleet.start(DEVICES)

    assert fleet.aws.fault_strikes() == {
        "foreign_task_seconds": 1,
        "busy_code": 1,
        "busy_message": 1,
    }


def test_a_slot_is_freed_late_though_no_task_is_listed(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, slot_freed_late_seconds=3)
    fleet.finished(eventually(lambda: start_or_none(fleet), bool))

    assert listed(fleet, status="InProgress") == []
    with pytest.raises(fleet.iot.exceptions.LimitExceededException):
        fleet.start(DEVICES)
    fleet.finished(eventually(lambda: start_or_none(fleet), bool))


def start_or_none(fleet: Fleet) -> str | None:
    try:
        return fleet.start(DEVICES)
    except (
        fleet.iot.exceptions.LimitExceededException,
        fleet.iot.exceptions.InvalidRequestException,
    ):
        return None


def test_optional_members_are_missing_from_a_description(fleet: Fleet) -> None:
    omitted = ["successCount", "failureCount", "creationDate", "inputFileBucket"]
    task = fleet.run(DEVICES)
    fleet.aws.faults(describe_omits=omitted)

    described = fleet.describe(task["taskId"])

    assert described["status"] == "Completed"
    assert described.keys().isdisjoint(omitted)
    assert fleet.aws.fault_strikes() == {"describe_omits": 1}
