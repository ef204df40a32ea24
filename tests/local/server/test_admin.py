"""Faults and journal over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from local import LocalAws

pytestmark = pytest.mark.slow


def ask(aws: LocalAws, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(aws.endpoint_url + path, body, method=method)
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_fault_with_a_wrong_value_is_refused_and_changes_nothing(aws: LocalAws) -> None:
    aws.faults(busy_code="Kept")

    refused = ask(aws, "PUT", "/_local/faults", b'{"task": {"ends": "Complete"}}')
    broken = ask(aws, "PUT", "/_local/faults", b"{")

    allowed = "Completed, Failed, Cancelled, hangs"
    sentence = f"task.ends must be one of {allowed}, got 'Complete'"
    assert refused == (400, {"message": sentence})
    assert broken[0] == 400
    assert ask(aws, "GET", "/_local/faults")[1]["busy_code"] == "Kept"
    with pytest.raises(ValueError, match=allowed):
        aws.faults(task={"ends": "Complete"})


def test_get_tells_how_often_each_fault_has_struck(aws: LocalAws) -> None:
    fault = {"api": "ListThingRegistrationTasks", "code": None, "latency": 0.01, "next": 2}
    aws.faults(calls=[fault, {"service": "s3", "api": "PutObject", "next": 1}])
    aws.client("iot").list_thing_registration_tasks()

    struck = ask(aws, "GET", "/_local/faults")[1]["struck"]

    assert struck == {"calls[0]": 1, "calls[1]": 0}
    assert aws.fault_strikes() == struck


def test_the_strikes_of_faults_that_were_replaced_are_in_the_journal(aws: LocalAws) -> None:
    aws.faults(duplicate_events=1)

    aws.faults()

    assert aws.journal("strikes")[-1]["struck"] == {"duplicate_events": 0}
    assert aws.fault_strikes() == {}


def test_an_unknown_address_or_method_is_refused(aws: LocalAws) -> None:
    assert ask(aws, "GET", "/_local/nothing")[0] == 404
    assert ask(aws, "POST", "/_local/faults", b"{}")[0] == 405
    assert ask(aws, "GET", "/_local/journal?after=x")[0] == 400
