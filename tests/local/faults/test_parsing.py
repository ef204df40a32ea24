"""The fault document is checked, name by name and value by value."""

from __future__ import annotations

from typing import Any

import pytest

from local.faults.document import CallFault, FaultDocument
from local.faults.parsing import parse_faults

ONCE = {"next": 1}


def test_an_empty_document_is_no_faults() -> None:
    assert parse_faults({}) == FaultDocument()


def test_members_that_are_not_given_have_their_defaults() -> None:
    (call,) = parse_faults({"calls": [{"api": "RegisterThing", "next": 2}]}).calls

    assert call == CallFault(api="RegisterThing", next=2)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "must be an object"),
        ({"cals": []}, "unknown fault cals"),
        ({"calls": {}}, "calls must be a list"),
        ({"calls": [1]}, r"calls\[0\] must be an object"),
        ({"calls": [{"apis": "x"}]}, "unknown member apis"),
        ({"calls": [{"service": "ec2", **ONCE}]}, "service must be one of iot"),
        ({"calls": [{"api": "StartTask", **ONCE}]}, "iot has no API 'StartTask'"),
        (
            {"calls": [{"service": "s3", "api": "InvokeFunction", **ONCE}]},
            "s3 has no API 'InvokeFunction'",
        ),
        ({"calls": [{"code": "not a code", **ONCE}]}, "the code of an error"),
        ({"calls": [{"status": 200, **ONCE}]}, "status must be null or an HTTP status"),
        ({"calls": [{"rate": 1.5}]}, "rate must be a number from 0 to 1"),
        ({"calls": [{"next": -1}]}, "next must be 0, 1, 2"),
        ({"calls": [{"next": True}]}, "next must be 0, 1, 2"),
        ({"calls": [{"when": "during", **ONCE}]}, "when must be one of before, after"),
        ({"calls": [{"what": "lost", **ONCE}]}, "what must be one of error, dropped"),
        ({"calls": [{"latency": "3", **ONCE}]}, "latency must be a number of seconds"),
        ({"calls": [{"code": None, **ONCE}]}, "does nothing"),
        ({"calls": [{}]}, "never strikes"),
        ({"lines": [{"message": "x"}]}, "never strikes"),
        ({"lines": [{"line": 0}]}, "line must be null or 1, 2, 3"),
        ({"lines": [{"pattern": "("}]}, "pattern must be null or a regular expression"),
        ({"lambdas": [{"function": "Worker"}]}, r"lambdas\[0\].what is missing"),
        ({"lambdas": [{"what": "dies"}]}, "what must be one of dies_before"),
        ({"lambdas": [{"what": "dies_after", "payload": "x"}]}, "payload must be an object"),
        ({"downloads": {"object": "["}}, "object must be a regular expression"),
        ({"role": {"minutes": 1}}, "unknown member minutes"),
        ({"role": {"at": "end"}}, "at must be one of start, task"),
        ({"role": {"seconds": "1"}}, "seconds must be a number"),
        ({"task": {"ends": "Complete"}}, "ends must be one of Completed"),
        ({"task": {"success_count": -1}}, "success_count must be null or"),
        ({"reports": {"errors_format": "csv"}}, "errors_format must be one of flat"),
        ({"reports": {"first_line_number": 2}}, "first_line_number must be one of 0, 1"),
        ({"reports": {"lines_per_link": 0}}, "lines_per_link must be 1, 2, 3"),
        ({"answers": {"status": 302}}, "status must be an HTTP status"),
        ({"lambda_refuses": {"code": "Throttled"}}, "code must be one of TooManyRequests"),
        ({"describe_omits": ["status"]}, "describe_omits must be a list of"),
        ({"describe_omits": "message"}, "describe_omits must be a list of"),
        ({"passed_to_service_key": "no"}, "must be true or false"),
        ({"long_answer": "waits"}, "long_answer must be one of fails, hangs"),
        ({"lines": [{"line": 1, "after": "policy"}]}, "after must be one of nothing, thing"),
        ({"registry_lag_seconds": -1}, "registry_lag_seconds must be a number of seconds"),
        ({"detachment_lag_seconds": -1}, "detachment_lag_seconds must be a number of seconds"),
        ({"assumptions": {"blank": "fail"}}, "unknown member blank"),
        ({"assumptions": {"blank_lines": "kept"}}, "blank_lines must be one of skipped"),
        ({"assumptions": {"thing_override": "MERGE"}}, "thing_override must be one of FAIL"),
        ({"assumptions": {"fn_join": 1}}, "fn_join must be true or false"),
        ({"assumptions": {"results_omit": ["response"]}}, "results_omit must be a list of"),
        ({"late_events": {"seconds": -1}}, "late_events.seconds must be a number of seconds"),
        ({"late_events": {"payload": "x"}}, "late_events.payload must be an object"),
        ({"late_duplicate_seconds": "1"}, "late_duplicate_seconds must be a number of seconds"),
        ({"quota": -1}, "quota must be a number from 0"),
        ({"page_size": 0}, "page_size must be null or 1, 2, 3"),
        ({"things_per_second": 0}, "things_per_second must be null or a number over 0"),
        ({"foreign_task_seconds": float("nan")}, "a number of seconds"),
    ],
)
def test_what_is_not_allowed_is_refused_with_a_sentence(document: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_faults(document)
