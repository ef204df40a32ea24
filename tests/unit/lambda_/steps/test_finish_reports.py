"""The Finish step goes on where the call before it stopped."""

import io
from typing import Any
from unittest.mock import patch
from urllib.error import URLError

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import INPUT_KEY, NOW, PROPERTIES, REQUEST_ID, queue_described
from thing_registration_worker.errors import Superseded
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.run_end import tolerance
from thing_registration_worker.state.claim import Claim, LastStart
from thing_registration_worker.steps.finish import finish
from thing_registration_worker.timing import COUNTS_BUDGET, REPORTS_BUDGET, REPORTS_CALL_BUDGET

REPORTS = f"stack/fleet/runs/{REQUEST_ID}/task-1/"
TWO_LINES = b'{"lineNumber": 1}\n{"lineNumber": 2}\n'


class Links:
    """Answers each presigned link with what a test has put there, and keeps what was asked for."""

    def __init__(self, **contents: bytes | Exception) -> None:
        self.contents = contents
        self.asked: list[str] = []

    def open(self, link: str, timeout: float) -> Any:
        self.asked.append(link)
        content = self.contents[link]
        if isinstance(content, Exception):
            raise content
        response: Any = io.BytesIO(content)
        response.headers = {"Content-Length": str(len(content))}
        return response


def queue_links(aws: Any, kind: str, *links: str) -> None:
    aws.stub("iot").add_response(
        "list_thing_registration_task_reports",
        {"resourceLinks": list(links), "reportType": kind},
        {"taskId": "task-1", "reportType": kind},
    )


@pytest.fixture
def saved(aws: Any) -> list[str]:
    """Return the keys that are written to the bucket."""
    keys: list[str] = []
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: keys.append(params["Key"])
    )
    return keys


def finished(make_step: Any, links: Links, **progress: Any) -> Any:
    start = LastStart(INPUT_KEY, NOW - 60, "task-1")
    settings = {"judged": True, "finishing_since": NOW - 50, "last_start": start, **progress}
    with patch("urllib.request.urlopen", links.open):
        return finish(make_step("Finish", task_id="task-1", **settings))


def test_a_link_that_fails_is_where_the_next_call_goes_on(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    links = Links(first=TWO_LINES, second=URLError("no"), third=b"{}\n")
    queue_described(aws, status="Completed", successCount=4)
    queue_links(aws, "RESULTS", "first", "second", "third")
    aws.stub("s3").add_response("put_object", {})

    before = finished(make_step, links, lines=4).progress
    links.contents["second"] = b"{}\n"
    queue_described(aws, status="Completed", successCount=4)
    queue_links(aws, "RESULTS", "first", "second", "third")
    for _ in range(2):
        aws.stub("s3").add_response("put_object", {})
    after = finished(
        make_step,
        links,
        lines=4,
        saved_reports=before.saved_reports,
        saved_lines=before.saved_lines,
    )

    assert (before.saved_reports, before.saved_lines) == ({"RESULTS": 1}, {"RESULTS": 2})
    assert links.asked == ["first", "second", "second", "third"]
    assert saved == [f"{REPORTS}RESULTS-{number}.jsonl" for number in range(3)]
    assert after.next_step == "Answer"
    assert after.progress.saved_reports == {"RESULTS": 3}
    assert after.progress.saved_lines == {"RESULTS": 4}


def test_both_reports_are_saved_and_their_line_numbers_are_known(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    links = Links(results=b'{"lineNumber": 3}\n', errors=TWO_LINES)
    queue_described(aws, status="Completed", successCount=1, failureCount=2)
    queue_links(aws, "RESULTS", "results")
    queue_links(aws, "ERRORS", "errors")
    for _ in range(2):
        aws.stub("s3").add_response("put_object", {})

    outcome = finished(make_step, links, lines=3)

    assert saved == [f"{REPORTS}RESULTS-0.jsonl", f"{REPORTS}ERRORS-0.jsonl"]
    assert outcome.next_step == "Answer"
    assert outcome.progress.saved_lines == {"RESULTS": 1, "ERRORS": 2}
    assert (outcome.progress.first_number, outcome.progress.last_number) == (1, 3)


def test_a_report_without_line_numbers_changes_nothing_about_those_that_were_seen(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    for numbers in ((0, 7), (-1, -1)):
        queue_described(aws, status="Completed", successCount=1)
        queue_links(aws, "RESULTS", "results")
        aws.stub("s3").add_response("put_object", {})
        links = Links(results=b"no number\n")

        progress = finished(
            make_step, links, first_number=numbers[0], last_number=numbers[1]
        ).progress

        assert (progress.first_number, progress.last_number) == numbers


def test_a_report_that_is_complete_is_not_listed_again(aws: Any, make_step: Any) -> None:
    queue_described(aws, status="Completed", successCount=2)

    outcome = finished(
        make_step, Links(), lines=2, saved_reports={"RESULTS": 1}, saved_lines={"RESULTS": 2}
    )

    assert outcome.next_step == "Answer"


def test_links_that_take_long_are_left_to_the_next_call(
    aws: Any, make_step: Any, saved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr("time.time", lambda: now[0])
    step_of_time = [REPORTS_CALL_BUDGET, 1]
    links = Links(first=b"{}\n", second=b"{}\n", third=b"{}\n")
    queue_described(aws, status="Completed", successCount=3)
    queue_links(aws, "RESULTS", "first", "second", "third")
    for _ in range(2):
        aws.stub("s3").add_response("put_object", {})
    aws.s3.meta.events.register(
        "provide-client-params.s3.PutObject",
        lambda **_: now.append(now.pop() + step_of_time.pop(0)),
    )
    step = make_step("Finish", lines=3, task_id="task-1", judged=True)
    monkeypatch.setattr("time.time", lambda: now[0])

    with patch("urllib.request.urlopen", links.open):
        outcome = finish(step)

    assert links.asked == ["first", "second"]
    assert outcome.next_step == "Finish"
    assert outcome.progress.finishing_since == NOW + REPORTS_CALL_BUDGET + 1


def test_every_report_that_is_saved_gives_the_others_their_whole_time_again(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    queue_described(aws, status="Completed", successCount=2)
    queue_links(aws, "RESULTS", "first")
    aws.stub("s3").add_response("put_object", {})

    outcome = finished(
        make_step, Links(first=b"{}\n"), lines=2, finishing_since=NOW - REPORTS_BUDGET - 1
    )

    assert (outcome.next_step, outcome.wait) == ("Finish", 2)
    assert outcome.progress.finishing_since == NOW


def test_reports_that_are_missing_are_named_in_a_failure_but_do_not_make_one(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Failed", successCount=3, failureCount=1)
    queue_links(aws, "RESULTS")
    queue_links(aws, "ERRORS")

    outcome = finished(
        make_step, Links(), failure="it ended Failed", finishing_since=NOW - REPORTS_BUDGET, lines=4
    )

    assert outcome.next_step == "Answer"
    assert outcome.progress.failure.startswith(
        "it ended Failed; kept 0 of 3 lines of RESULTS and 0 of 1 lines of ERRORS; 0 things"
    )


def test_counts_that_are_late_are_waited_for_from_the_first_look(aws: Any, make_step: Any) -> None:
    for since, waits in ((0, True), (NOW - COUNTS_BUDGET + 1, True), (NOW - COUNTS_BUDGET, False)):
        queue_described(aws, status="Completed", successCount=1)

        outcome = finish(make_step("Finish", task_id="task-1", lines=2, finishing_since=since))

        assert outcome.progress.judged is not waits
        assert (outcome.next_step, outcome.wait) == ("Finish", 2 if waits else 0)
        assert outcome.progress.finishing_since == (since if waits and since else NOW)


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_a_task_that_did_not_complete_fails_whatever_its_counts(
    aws: Any, make_step: Any, status: str
) -> None:
    queue_described(aws, status=status, successCount=1, message="why")

    outcome = finish(make_step("Finish", task_id="task-1", lines=1))

    assert outcome.progress.failure == f"registration task task-1 ended {status} (why)"


def test_a_task_that_was_given_up_stays_a_failure_although_it_completed(
    aws: Any, make_step: Any
) -> None:
    queue_described(aws, status="Completed", successCount=1)

    outcome = finish(make_step("Finish", task_id="task-1", lines=1, failure="timed out"))

    assert (outcome.progress.failure, outcome.progress.judged) == ("timed out", True)


def test_five_failures_are_shown_and_how_many_may_fail(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_described(aws, status="Completed", failureCount=9)
    errors = "".join(f'{{"message": "m{number}"}}\n' for number in range(9))
    claims.place(f"{REPORTS}ERRORS-0.jsonl", errors.encode())
    changes = {"ResourceProperties": {**PROPERTIES, "MaxFailures": "50%"}}

    outcome = finished(
        make_step,
        Links(),
        lines=9,
        failure="it ended",
        saved_lines={"ERRORS": 9},
        event_changes=changes,
        run=Run(parts=1, file="new", to_send=9, failed=9),
    )

    assert "9 failed, 4 may fail; " in outcome.progress.failure
    assert outcome.progress.failure.endswith("first failures: m0; m1; m2; m3; m4")


def test_a_request_that_lost_its_claim_judges_and_saves_nothing(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Finish", task_id="task-1")
    claims.put(step.request.declaration, Claim("newer", NOW + 1))

    with pytest.raises(Superseded):
        finish(step)


def test_all_devices_may_fail_and_none_more() -> None:
    assert tolerance("100%", 1_000) == 1_000


def test_a_report_that_is_complete_does_not_hide_that_the_other_is_not(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    queue_described(aws, status="Completed", successCount=1, failureCount=1)
    queue_links(aws, "ERRORS", "errors")
    aws.stub("s3").add_response("put_object", {})

    outcome = finished(make_step, Links(errors=b"{}\n"), lines=2, saved_lines={"RESULTS": 1})

    assert (outcome.next_step, saved) == ("Answer", [f"{REPORTS}ERRORS-0.jsonl"])


def test_counts_that_are_not_those_of_the_input_do_not_keep_reports_from_being_saved(
    aws: Any, make_step: Any, saved: list[str]
) -> None:
    queue_described(aws, status="Completed", successCount=0)
    queue_links(aws, "RESULTS", "results")
    queue_links(aws, "ERRORS")
    aws.stub("s3").add_response("put_object", {})

    outcome = finished(make_step, Links(results=TWO_LINES), lines=2, failure="the counts differ")

    assert (outcome.next_step, saved) == ("Answer", [f"{REPORTS}RESULTS-0.jsonl"])
