"""What AWS may do because no document excludes it; a fault that never struck fails its row."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local import LocalAws
from tests.faults.invariants import starts
from tests.faults.stacks import Stack
from tests.faults.test_input_and_reports import reports

pytestmark = pytest.mark.slow

LOST_START: dict[str, Any] = {
    "api": "StartThingRegistrationTask",
    "what": "dropped",
    "when": "after",
    "next": 1,
}


@pytest.fixture(autouse=True)
def each_fault_struck(aws: LocalAws) -> Iterator[None]:
    """Fail a row whose fault never struck: it has tested nothing."""
    yield
    struck = aws.fault_strikes()
    assert struck, "the row asked for no fault"
    assert all(struck.values()), f"a fault never struck: {struck}"


def test_a_lost_start_that_the_list_shows_late_is_not_made_again(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(calls=[LOST_START], list_lag_seconds=8)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_lost_start_whose_task_has_ended_before_the_list_shows_it_is_adopted(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(calls=[LOST_START], list_lag_seconds=20, things_per_second=100)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_start_that_never_reached_aws_is_made_again_in_the_end(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(calls=[{**LOST_START, "when": "before"}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_links_that_appear_one_by_one_are_all_kept(aws: LocalAws, stack: Stack) -> None:
    aws.faults(reports={"lines_per_link": 1, "links_each_seconds": 3})

    assert stack.create() == "CREATE_COMPLETE"
    assert sorted(reports(aws, stack)) == [f"RESULTS-{number}.jsonl" for number in range(3)]


def test_a_report_whose_download_breaks_off_is_fetched_again_and_kept_whole(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(downloads={"cut_after_bytes": 500, "next": 2})

    assert stack.create() == "CREATE_COMPLETE"
    (kept,) = reports(aws, stack).values()
    assert len([json.loads(line) for line in kept.splitlines()]) == 3


@pytest.mark.parametrize("registered", [0, 2])
def test_counts_that_do_not_add_up_fail_the_deployment_naming_both_numbers(
    aws: LocalAws, stack: Stack, registered: int
) -> None:
    aws.faults(task={"success_count": registered, "failure_count": 0, "next": 1})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert f"its counts add up to {registered} and the input has 3 lines" in stack.reason()


def test_a_worker_that_dies_each_time_it_saves_a_report_fails_nothing(
    aws: LocalAws, stack: Stack
) -> None:
    payload = {"step": "Finish", "state": {"progress": {"judged": True}}}
    aws.faults(lambdas=[{"payload": payload, "what": "dies_before", "next": 5}])

    assert stack.create() == "CREATE_COMPLETE"
    assert reports(aws, stack) == {}


@pytest.mark.parametrize(("first", "number"), [(0, 2), (1, 2)])
def test_the_failed_device_is_named_whatever_number_the_first_line_has(
    aws: LocalAws, stack: Stack, first: int, number: int
) -> None:
    aws.faults(lines=[{"line": number, "message": "no"}], reports={"first_line_number": first})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert f"line {number}, thing Fleet-Task-1: " in stack.reason()


@pytest.mark.parametrize("words", ["The role is not usable yet", "Not now", "Nein"])
def test_a_role_that_is_not_known_yet_is_tried_again_in_any_words(
    aws: LocalAws, stack: Stack, words: str
) -> None:
    aws.faults(role={"seconds": 25, "message": words})

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_slot_that_is_freed_late_is_waited_for_although_it_is_called_an_invalid_request(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(
        foreign_task_seconds=25,
        slot_freed_late_seconds=40,
        busy_code="InvalidRequestException",
        busy_message="no",
    )

    assert stack.create() == "CREATE_COMPLETE"


def test_no_task_is_stopped_because_lambda_refuses_for_a_while(aws: LocalAws, stack: Stack) -> None:
    refusal = {"seconds": 45, "code": "TooManyRequestsException", "payload": {"step": "Observe"}}
    aws.faults(things_per_second=0.5, lambda_refuses=refusal)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("code", ["ServiceException", "SdkClientException"])
def test_a_request_is_answered_although_lambda_refuses_the_answer_for_a_while(
    aws: LocalAws, stack: Stack, code: str
) -> None:
    aws.faults(lambda_refuses={"seconds": 30, "code": code, "payload": {"step": "Answer"}})

    assert stack.create() == "CREATE_COMPLETE"


def test_a_foreign_task_that_is_described_without_optional_members_is_waited_for(
    aws: LocalAws, stack: Stack
) -> None:
    members = ["creationDate", "inputFileBucket", "inputFileKey", "percentageProgress"]
    aws.faults(foreign_task_seconds=25, describe_omits=members)

    assert stack.create() == "CREATE_COMPLETE"


@pytest.mark.parametrize("api", ["GetObject", "CopyObject"])
def test_an_input_that_is_denied_at_first_is_tried_again(
    aws: LocalAws, stack: Stack, api: str
) -> None:
    denied = {"service": "s3", "api": api, "code": "AccessDenied", "status": 403, "next": 2}
    aws.faults(calls=[denied])

    assert stack.create() == "CREATE_COMPLETE"
