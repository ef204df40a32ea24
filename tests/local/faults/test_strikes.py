"""Which fault strikes when."""

from __future__ import annotations

import time

from local.faults.parsing import parse_faults
from local.faults.strikes import Faults


def faults(**document: object) -> Faults:
    made = Faults(clock=lambda: CLOCK[0])
    made.put(parse_faults(document))
    return made


CLOCK = [0.0]


def test_the_next_calls_of_an_api_fail() -> None:
    struck = faults(calls=[{"api": "StopThingRegistrationTask", "next": 2, "code": "X"}])

    codes = [
        fault.code if fault else None
        for fault in (
            struck.call("iot", "StartThingRegistrationTask"),
            *(struck.call("iot", "StopThingRegistrationTask") for _ in range(3)),
            struck.call("states", "StopThingRegistrationTask"),
        )
    ]
    assert codes == [None, "X", "X", None, None]


def test_a_rate_strikes_the_same_calls_with_the_same_seed() -> None:
    def pattern(seed: int) -> list[bool]:
        struck = faults(seed=seed, calls=[{"rate": 0.5}])
        return [struck.call("iot", "Any") is not None for _ in range(50)]

    assert pattern(1) == pattern(1) != pattern(2)
    assert 10 < sum(pattern(1)) < 40


def test_lines_fail_by_number_or_pattern() -> None:
    struck = faults(lines=[{"line": 3, "message": "ü" * 9000}, {"pattern": "bulky1\\b"}])

    assert [bool(struck.line(n, b'"bulky%d"' % n, "nothing")) for n in (1, 2, 3, 10)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_role_can_be_used_after_its_seconds() -> None:
    CLOCK[0] = 100.0
    struck = faults(role={"seconds": 5, "at": "start"})

    before = struck.role_is_unusable("start"), struck.role_is_unusable("task")
    CLOCK[0] = 105.0
    assert (before, struck.role_is_unusable("start")) == ((True, False), False)


def test_a_fault_strikes_all_calls_for_some_seconds() -> None:
    CLOCK[0] = 0.0
    struck = faults(calls=[{"service": "s3", "api": "GetObject", "seconds": 5}])

    found = []
    for now in (0.0, 4.9, 5.0):
        CLOCK[0] = now
        found.append(struck.call("s3", "GetObject") is not None)
    assert found == [True, True, False]


def test_next_counts_within_the_seconds() -> None:
    CLOCK[0] = 0.0
    struck = faults(calls=[{"next": 1, "seconds": 5}])

    assert [struck.call("iot", "Any") is not None for _ in range(2)] == [True, False]


def test_links_appear_one_by_one_after_the_end() -> None:
    struck = faults(reports={"links_each_seconds": 2})
    now = time.time()

    ages = (0, 1.5, 2.1, 4.1, 100)
    assert [struck.listed_links("t", "RESULTS", 4, now - age) for age in ages] == [0, 0, 1, 2, 4]
    assert struck.struck() == {"reports.links_each_seconds": 4}


def test_each_listing_of_a_report_shows_more_links() -> None:
    struck = faults(reports={"links_per_listing": 2})

    found = []
    for _ in range(3):
        struck.count_listing("t", "RESULTS")
        found.append(struck.listed_links("t", "RESULTS", 5, 0))
    struck.count_listing("t", "ERRORS")
    assert found == [2, 4, 5]
    assert struck.listed_links("t", "ERRORS", 5, 0) == 2


def test_lambda_refuses_a_function_for_some_seconds_or_times() -> None:
    CLOCK[0] = 0.0
    by_time = faults(lambda_refuses={"seconds": 5, "function": "Worker"})
    by_count = faults(lambda_refuses={"next": 1, "payload": {"step": "Answer"}})

    assert by_time.refusal("MyWorker", {})
    assert not by_time.refusal("OnEvent", {})
    CLOCK[0] = 5.0
    assert not by_time.refusal("MyWorker", {})
    answer = {"input": {"step": "Answer"}}
    assert [by_count.refusal("x", event) is not None for event in ({}, answer, answer)] == [
        False,
        True,
        False,
    ]


def test_an_event_is_late_or_comes_twice_as_the_document_says() -> None:
    twice = faults(duplicate_events=1, late_duplicate_seconds=60, late_event_seconds=5)
    late = faults(late_events={"seconds": 9, "next": 1, "payload": {"RequestType": "Update"}})

    assert [twice.event_delays({}) for _ in range(2)] == [[5, 65], [5]]
    update = {"RequestType": "Update"}
    assert [late.event_delays(event) for event in ({}, update, update)] == [[0], [9], [0]]


def test_each_fault_of_the_document_counts_its_strikes() -> None:
    struck = faults(
        throttling=False,
        calls=[{"next": 1}, {"service": "s3", "next": 1}],
        role={"seconds": 600},
        list_lag_seconds=3,
        reports={"lines_per_link": 1, "late_seconds": 9},
    )
    struck.call("iot", "Any")
    struck.role_is_unusable("start")

    assert struck.struck() == {
        "calls[0]": 1,
        "calls[1]": 0,
        "role": 1,
        "reports.late_seconds": 0,
        "list_lag_seconds": 0,
    }


def test_new_faults_count_from_zero() -> None:
    struck = faults(calls=[{"next": 1}])
    struck.call("iot", "Any")

    struck.put(parse_faults({"calls": [{"next": 1}]}))

    assert struck.struck() == {"calls[0]": 0}
