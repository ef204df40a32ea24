"""The Finish step: keep the reports, judge."""

import io
import json
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError

import pytest

from steps.finish import finish, tolerance
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, body, queue_described
from timing import COUNTS_BUDGET, REPORTS_BUDGET


def queue_links(aws: Any, kind: str, links: list[str]) -> None:
    aws.stub("iot").add_response(
        "list_thing_registration_task_reports",
        {"resourceLinks": links, "reportType": kind},
        {"taskId": "task-1", "reportType": kind},
    )


def download(content: bytes, length: int | None = None) -> Any:
    """Return the response of a link; with a length, of a connection that broke off."""
    response = io.BytesIO(content)
    response.headers = {"Content-Length": str(length or len(content))}  # type: ignore[attr-defined]
    return response


def judge(aws: Any, make_step: Any, lines: int = 1, **changes: Any) -> Any:
    """Run the call that judges a completed task, and return its progress."""
    queue_described(aws, **{"status": "Completed", "successCount": lines, **changes})
    aws.stub("s3").add_response("put_object", {})
    outcome = finish(make_step("Finish", task_id="task-1", lines=lines))
    assert (outcome.next_step, outcome.progress.judged) == ("Finish", True)
    return outcome.progress


def test_a_clean_task_is_remembered_as_a_success_before_its_reports_are_saved(
    aws: Any, make_step: Any
) -> None:
    sent: list[dict[str, Any]] = []
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(dict(params))
    )

    progress = judge(aws, make_step)

    assert progress.failure == ""
    assert json.loads(sent[0]["Body"])["succeeded"] is True


def test_a_report_is_saved_and_its_lines_are_counted(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=2)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/results"])
    key = {"Bucket": "fleet", "Key": "stack/fleet/reports/task-1/RESULTS-0.jsonl"}
    sent: list[dict[str, Any]] = []
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(dict(params))
    )
    aws.stub("s3").add_response("put_object", {})
    report = download(b'{"lineNumber": 2}\n{"lineNumber": 1}')

    with patch("urllib.request.urlopen", return_value=report):
        outcome = finish(make_step("Finish", task_id="task-1", judged=True))

    assert (outcome.next_step, outcome.progress.failure) == ("Answer", "")
    assert outcome.progress.saved_lines == {"RESULTS": 2}
    assert (outcome.progress.first_number, outcome.progress.last_number) == (1, 2)
    assert {name: sent[0][name] for name in key} == key


def test_an_expired_link_is_listed_again_later(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=1)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/expired"])
    expired = HTTPError("http://127.0.0.1:9/expired", 403, "Forbidden", {}, None)  # type: ignore[arg-type]
    with patch("urllib.request.urlopen", side_effect=expired):
        outcome = finish(make_step("Finish", task_id="task-1", judged=True, finishing_since=NOW))

    assert (outcome.next_step, dict(outcome.progress.saved_reports)) == ("Finish", {})


def test_a_report_that_is_cut_short_is_fetched_again(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=1)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/results"])

    with patch("urllib.request.urlopen", return_value=download(b'{"lineN', 100)):
        outcome = finish(make_step("Finish", task_id="task-1", judged=True, finishing_since=NOW))

    assert (outcome.next_step, dict(outcome.progress.saved_reports)) == ("Finish", {})


def test_lines_that_are_missing_are_waited_for_then_counted_in_the_log(
    aws: Any, make_step: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for since, expected in ((NOW, "Finish"), (NOW - REPORTS_BUDGET - 1, "Answer")):
        queue_described(aws, status="Completed", successCount=3)
        queue_links(aws, "RESULTS", ["saved before"])

        outcome = finish(
            make_step(
                "Finish",
                task_id="task-1",
                judged=True,
                finishing_since=since,
                saved_reports={"RESULTS": 1},
                saved_lines={"RESULTS": 2},
            )
        )

        assert (outcome.next_step, outcome.progress.failure) == (expected, "")
    assert "kept 2 of 3 lines of RESULTS" in capsys.readouterr().out


def test_counts_that_do_not_add_up_fail_after_a_while_naming_both_numbers(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Completed", successCount=0)
    assert not finish(make_step("Finish", task_id="task-1", lines=20)).progress.judged
    queue_described(aws, status="Completed", successCount=0)
    aws.stub("s3").add_response("put_object", {})
    since = NOW - COUNTS_BUDGET

    outcome = finish(make_step("Finish", task_id="task-1", lines=20, finishing_since=since))

    assert outcome.progress.failure == (
        "registration task task-1 ended Completed, but its counts add up to 0 and the input has "
        "20 lines"
    )


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ({"first_number": 1, "last_number": 3}, "line 2, thing b: Thing type not found."),
        ({"first_number": 0, "last_number": 2}, "line 3, thing c: Thing type not found."),
        ({"first_number": 2, "last_number": 2}, "line 2: Thing type not found."),
    ],
)
def test_failed_devices_are_named_where_the_base_of_the_line_numbers_is_known(
    aws: Any, make_step: Any, numbers: dict[str, int], shown: str
) -> None:
    queue_described(aws, status="Completed", successCount=2, failureCount=1)
    s3 = aws.stub("s3")
    s3.add_response(
        "get_object",
        {"Body": body('{"lineNumber": 2, "errorMessage": "Thing type not found."}\n')},
        {"Bucket": "fleet", "Key": "stack/fleet/reports/task-1/ERRORS-0.jsonl"},
    )
    if numbers["first_number"] < 2:
        s3.add_response(
            "get_object",
            {"Body": body('{"Name": "a"}\n{"Name": "b"}\n{"Name": "c"}\n')},
            {"Bucket": "fleet", "Key": INPUT_KEY},
        )

    outcome = finish(
        make_step(
            "Finish",
            task_id="task-1",
            lines=3,
            judged=True,
            failure="registration task task-1 ended Completed",
            saved_reports={"RESULTS": 1, "ERRORS": 1},
            saved_lines={"RESULTS": 2, "ERRORS": 1},
            **numbers,
        )
    )

    assert outcome.progress.failure == (
        "registration task task-1 ended Completed; 2 things registered, 1 failed, 0 may fail; "
        f"reports: s3://fleet/stack/fleet/reports/task-1/; first failures: {shown}"
    )


@pytest.mark.parametrize(("max_failures", "failure"), [("5%", ""), ("4%", "registration task")])
def test_the_tolerance_decides(aws: Any, make_step: Any, max_failures: str, failure: str) -> None:
    queue_described(aws, status="Completed", successCount=19, failureCount=1)
    aws.stub("s3").add_response("put_object", {})
    changes = {"ResourceProperties": {**PROPERTIES, "MaxFailures": max_failures}}

    outcome = finish(make_step("Finish", task_id="task-1", lines=20, event_changes=changes))

    assert outcome.progress.failure[:17] == failure


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
