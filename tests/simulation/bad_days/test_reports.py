"""Counts and reports that come late, in parts, or wrong."""

import json

import pytest

from tests.simulation.aws import Aws
from tests.simulation.stacks import Stack
from tests.simulation.test_input_and_reports import reports

pytestmark = pytest.mark.slow


def test_links_that_appear_one_by_one_are_all_kept(aws: Aws, stack: Stack) -> None:
    aws.faults(reports={"lines_per_link": 1, "links_each_seconds": 3})

    assert stack.create() == "CREATE_COMPLETE"
    assert sorted(reports(aws, stack)) == [f"RESULTS-{number}.jsonl" for number in range(3)]


def test_a_report_whose_download_breaks_off_is_fetched_again_and_kept_whole(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(downloads={"cut_after_bytes": 500, "next": 2})

    assert stack.create() == "CREATE_COMPLETE"
    (kept,) = reports(aws, stack).values()
    assert len([json.loads(line) for line in kept.splitlines()]) == 3


@pytest.mark.parametrize("registered", [0, 2])
def test_counts_that_do_not_add_up_fail_the_deployment_naming_both_numbers(
    aws: Aws, stack: Stack, registered: int
) -> None:
    aws.faults(task={"success_count": registered, "failure_count": 0, "next": 1})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert f"its counts add up to {registered} and the input has 3 lines" in stack.reason()


@pytest.mark.parametrize(("first", "number"), [(0, 2), (1, 2)])
def test_the_failed_device_is_named_whatever_number_the_first_line_has(
    aws: Aws, stack: Stack, first: int, number: int
) -> None:
    aws.faults(lines=[{"line": number, "message": "no"}], reports={"first_line_number": first})

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert f"line {number}, thing Fleet-Task-1: " in stack.reason()
