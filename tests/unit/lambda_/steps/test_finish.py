"""The Finish step: keep the reports, judge."""

import io
import json
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError

import pytest

from steps.finish import finish, tolerance
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, body, queue_described
from timing import REPORTS_BUDGET


def queue_links(aws: Any, kind: str, links: list[str]) -> None:
    aws.stub("iot").add_response(
        "list_thing_registration_task_reports",
        {"resourceLinks": links, "reportType": kind},
        {"taskId": "task-1", "reportType": kind},
    )


def test_a_clean_task_succeeds_and_is_remembered(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=1)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/results"])
    queue_links(aws, "ERRORS", [])
    s3 = aws.stub("s3")
    sent: list[dict[str, Any]] = []
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(dict(params))
    )
    s3.add_response("put_object", {})
    s3.add_response("put_object", {})

    with patch("urllib.request.urlopen", return_value=io.BytesIO(b"{}\n")):
        outcome = finish(make_step("Finish", task_id="task-1"))

    assert (outcome.next_step, outcome.progress.failure) == ("Answer", "")
    assert sent[0]["Key"] == "stack/fleet/reports/task-1/RESULTS-0.jsonl"
    assert json.loads(sent[1]["Body"])["succeeded"] is True


def test_an_expired_link_is_listed_again_later(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=1)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/expired"])
    queue_links(aws, "ERRORS", [])
    expired = HTTPError("http://127.0.0.1:9/expired", 403, "Forbidden", {}, None)  # type: ignore[arg-type]
    with patch("urllib.request.urlopen", side_effect=expired):
        outcome = finish(make_step("Finish", task_id="task-1"))

    assert (outcome.next_step, dict(outcome.progress.saved_reports)) == ("Finish", {})


def test_reports_that_are_late_are_waited_for_but_not_for_ever(aws: Any, make_step: Any) -> None:
    for since, expected in ((0, "Finish"), (NOW - REPORTS_BUDGET - 1, "Answer")):
        queue_described(aws, status="Completed", successCount=1)
        queue_links(aws, "RESULTS", [])
        queue_links(aws, "ERRORS", [])
        if expected == "Answer":
            aws.stub("s3").add_response("put_object", {})

        outcome = finish(make_step("Finish", task_id="task-1", finishing_since=since))

        assert outcome.next_step == expected


def test_failed_devices_are_told_by_line_name_and_message(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=2, failureCount=1)
    queue_links(aws, "RESULTS", ["one"])
    queue_links(aws, "ERRORS", ["one"])
    s3 = aws.stub("s3")
    s3.add_response(
        "get_object",
        {"Body": body('{"lineNumber": 2, "errorMessage": "Thing type not found."}\n')},
        {"Bucket": "fleet", "Key": "stack/fleet/reports/task-1/ERRORS-0.jsonl"},
    )
    s3.add_response(
        "get_object",
        {"Body": body('{"Name": "a"}\n{"Name": "b"}\n')},
        {"Bucket": "fleet", "Key": INPUT_KEY},
    )
    s3.add_response("put_object", {})

    outcome = finish(
        make_step("Finish", task_id="task-1", saved_reports={"RESULTS": 1, "ERRORS": 1})
    )

    assert outcome.progress.failure == (
        "registration task task-1 ended Completed; 2 things registered, 1 failed, 0 may fail; "
        "reports: s3://fleet/stack/fleet/reports/task-1/; "
        "first failures: line 2, thing b: Thing type not found."
    )


def test_failures_within_the_tolerance_succeed(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=19, failureCount=1)
    queue_links(aws, "RESULTS", ["one"])
    queue_links(aws, "ERRORS", ["one"])
    aws.stub("s3").add_response("put_object", {})

    outcome = finish(
        make_step(
            "Finish",
            task_id="task-1",
            saved_reports={"RESULTS": 1, "ERRORS": 1},
            event_changes={"ResourceProperties": {**PROPERTIES, "MaxFailures": "5%"}},
        )
    )

    assert outcome.progress.failure == ""


@pytest.mark.parametrize(
    ("max_failures", "total", "allowed"),
    [
        ("0", 100, 0),
        ("3", 100, 3),
        ("5%", 100, 5),
        ("5%", 19, 0),
        ("0.5%", 1000, 5),
        ("100%", 7, 7),
    ],
)
def test_the_tolerance_is_a_count_or_a_percentage_rounded_down(
    max_failures: str, total: int, allowed: int
) -> None:
    assert tolerance(max_failures, total) == allowed
