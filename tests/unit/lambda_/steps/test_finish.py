"""The Finish step: keep the reports, judge."""

import io
import json
from dataclasses import asdict
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, REQUEST_ID, queue_described
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.run_end import tolerance
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state.claim import LastStart, held
from thing_registration_worker.steps.finish import finish
from thing_registration_worker.timing import COUNTS_BUDGET, REPORTS_BUDGET

START = LastStart(INPUT_KEY, NOW - 60, "task-1")


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


def place_sent(claims: ClaimObjects, *names: str, **changes: Any) -> None:
    """Put the lines that the task has read; they are every third of the user's file."""
    sent = [
        SentLine(3 * number, "{}", name, f"1:{number:032}", "none", "", "", False)
        for number, name in enumerate(names, 1)
    ]
    body = b"".join(json.dumps({**asdict(line), **changes}).encode() + b"\n" for line in sent)
    claims.place(f"stack/fleet/work/{REQUEST_ID}/sent/00000-new.jsonl", body)


def entries(claims: ClaimObjects) -> list[dict[str, Any]]:
    """What the inventory has."""
    keys = [key for key in claims.bodies if "/inventory/" in key]
    return [json.loads(line) for key in sorted(keys) for line in claims.bodies[key].splitlines()]


def last_run(claims: ClaimObjects) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(claims.bodies["stack/fleet/last-run.json"])
    return record


def test_a_clean_task_is_remembered_before_its_reports_are_saved(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_described(aws, status="Completed", successCount=1)

    outcome = finish(make_step("Finish", task_id="task-1", last_start=START))

    assert (outcome.next_step, outcome.progress.judged) == ("Finish", True)
    assert outcome.progress.failure == ""
    assert (last_run(claims)["task_id"], last_run(claims)["succeeded"]) == ("task-1", 1)


def test_what_the_reports_name_enters_the_inventory(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_sent(claims, "a", "b")
    queue_described(aws, status="Completed", successCount=1, failureCount=1)
    queue_links(aws, "ERRORS", [])
    results = {"response": {"ResourceArns": {"t": "arn:aws:iot:r:0:thing/b"}}, "lineNumber": 2}
    key = f"stack/fleet/runs/{REQUEST_ID}/task-1/RESULTS-0.jsonl"
    claims.place(key, json.dumps(results).encode())

    outcome = finish(
        make_step(
            "Finish",
            lines=2,
            task_id="task-1",
            judged=True,
            finishing_since=NOW - REPORTS_BUDGET,
            saved_reports={"RESULTS": 1},
            saved_lines={"RESULTS": 1},
            last_start=START,
        )
    )

    (entry,) = entries(claims)
    assert (entry["thingName"], entry["state"]) == ("b", "registered")
    assert entry["resourcesHash"].endswith("2")
    assert outcome.progress.run.registered == 1
    assert outcome.next_step == "Answer"


def test_a_known_device_that_was_not_accepted_is_sent_again_the_next_time(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_sent(claims, "a", is_registered=True)
    queue_described(aws, status="Completed", failureCount=1)
    queue_links(aws, "ERRORS", [])
    since = NOW - REPORTS_BUDGET

    finish(
        make_step("Finish", task_id="task-1", judged=True, finishing_since=since, last_start=START)
    )

    (entry,) = entries(claims)
    assert (entry["thingName"], entry.get("resourcesHash", "")) == ("a", "")


def test_certificates_may_be_left_where_a_device_with_a_csr_failed(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_sent(claims, "a", certificate="csr", key="0" * 64)
    for failures, unclear in ((1, ["task-1"]), (0, [])):
        queue_described(aws, status="Completed", successCount=1 - failures, failureCount=failures)
        queue_links(aws, "ERRORS" if failures else "RESULTS", [])
        step = make_step(
            "Finish",
            task_id="task-1",
            judged=True,
            finishing_since=NOW - REPORTS_BUDGET,
            saved_lines={"RESULTS": 1 - failures} if not failures else {},
            last_start=START,
        )
        if not failures:
            aws.stub("iot")._queue.pop()
        finish(step)

        claim = held(step)
        assert ([task.task_id for task in claim.unclear], claim.last_start) == (unclear, None)


@pytest.mark.parametrize(
    ("run", "following", "file"),
    [
        (Run(parts=1, file="new", known_lines=2), "Start", "known"),
        (Run(parts=2, file="known"), "LookUp", ""),
        (Run(parts=1, file="known"), "Answer", "known"),
    ],
)
def test_the_files_and_parts_of_a_run_follow_each_other(
    aws: Any, make_step: Any, run: Run, following: str, file: str
) -> None:
    queue_described(aws, status="Completed", successCount=1)
    outcome = finish(
        make_step(
            "Finish",
            task_id="task-1",
            judged=True,
            saved_lines={"RESULTS": 1},
            last_start=START,
            run=run,
        )
    )

    assert (outcome.next_step, outcome.progress.run.file) == (following, file)
    if following != "Answer":
        assert (outcome.progress.task_id, outcome.progress.judged) == ("", False)


def test_a_report_is_saved_and_its_lines_are_counted(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=2)
    queue_links(aws, "RESULTS", ["http://127.0.0.1:9/results"])
    key = f"stack/fleet/runs/{REQUEST_ID}/task-1/RESULTS-0.jsonl"
    sent: list[dict[str, Any]] = []
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: sent.append(dict(params))
    )
    aws.stub("s3").add_response("put_object", {})
    report = download(b'{"lineNumber": 2}\n{"lineNumber": 1}')

    with patch("urllib.request.urlopen", return_value=report):
        outcome = finish(
            make_step("Finish", lines=2, task_id="task-1", judged=True, last_start=START)
        )

    assert (outcome.next_step, outcome.progress.failure) == ("Answer", "")
    assert outcome.progress.saved_lines == {"RESULTS": 2}
    assert (outcome.progress.first_number, outcome.progress.last_number) == (1, 2)
    assert (sent[0]["Bucket"], sent[0]["Key"]) == ("fleet", key)


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
                lines=3,
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
    since = NOW - COUNTS_BUDGET

    outcome = finish(make_step("Finish", task_id="task-1", lines=20, finishing_since=since))

    assert outcome.progress.failure == (
        "registration task task-1 ended Completed, but its counts add up to 0 and the input has "
        "20 lines"
    )


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ({"first_number": 1, "last_number": 3}, "line 6, thing b: Thing type not found."),
        ({"first_number": 0, "last_number": 2}, "line 9, thing c: Thing type not found."),
        ({"first_number": 2, "last_number": 2}, "line 2: Thing type not found."),
    ],
)
def test_failed_devices_are_named_by_the_users_lines_where_the_base_of_the_numbers_is_known(
    aws: Any, make_step: Any, claims: ClaimObjects, numbers: dict[str, int], shown: str
) -> None:
    place_sent(claims, "a", "b", "c")
    queue_described(aws, status="Completed", successCount=2, failureCount=1)
    error = b'{"lineNumber": 2, "errorMessage": "Thing type not found."}'
    claims.place(f"stack/fleet/runs/{REQUEST_ID}/task-1/ERRORS-0.jsonl", error)

    outcome = finish(
        make_step(
            "Finish",
            task_id="task-1",
            lines=3,
            judged=True,
            failure="registration task task-1 ended Completed",
            saved_reports={"RESULTS": 1, "ERRORS": 1},
            saved_lines={"RESULTS": 2, "ERRORS": 1},
            last_start=START,
            run=Run(parts=1, file="new", lines=9, succeeded=2, failed=1),
            **numbers,
        )
    )

    assert outcome.progress.failure == (
        "registration task task-1 ended Completed; 2 things registered, 1 failed, 0 may fail; "
        f"reports: s3://fleet/stack/fleet/runs/{REQUEST_ID}/; first failures: {shown}"
    )


@pytest.mark.parametrize(("max_failures", "failure"), [("5%", ""), ("4%", "registration task")])
def test_the_tolerance_of_what_is_sent_decides(
    aws: Any, make_step: Any, max_failures: str, failure: str
) -> None:
    queue_described(aws, status="Completed", successCount=1, failureCount=1)
    changes = {"ResourceProperties": {**PROPERTIES, "MaxFailures": max_failures}}
    run = Run(parts=1, file="new", lines=100, to_send=20)

    outcome = finish(make_step("Finish", task_id="task-1", lines=2, event_changes=changes, run=run))

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
