"""A file of more lines than a part holds: one task after the other, one verdict.

The devices have no certificates, so that thousands are registered in seconds.
"""

import json
from collections import Counter

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import sent_files, sent_things
from tests.simulation.fleet.templates import THINGS_ONLY
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.sent_lines import INPUT_KEY
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

PART_LINES = 2_000
NAMES = [f"meter-{number:04}" for number in range(2 * PART_LINES + 1)]


@pytest.fixture
def meters(stack: Stack) -> Stack:
    """A stack with devices without certificates; one is registered."""
    stack.declare_template(THINGS_ONLY)
    declare(stack, NAMES[:1])
    assert stack.create() == "CREATE_COMPLETE"
    return stack


def declare(stack: Stack, names: list[str]) -> None:
    stack.declare_devices({"ThingName": name} for name in names)


def test_a_line_more_than_a_part_holds_makes_two_tasks_and_one_success(
    aws: Aws, meters: Stack, by_hand: ByHand
) -> None:
    declare(meters, NAMES[: PART_LINES + 2])

    assert meters.update() == "UPDATE_COMPLETE"
    first, second = sent_files(by_hand)[1:]
    assert first.things == NAMES[1 : PART_LINES + 1]
    assert second.things == NAMES[PART_LINES + 1 : PART_LINES + 2]
    assert first.request_id == second.request_id
    assert meters.outputs()["TaskId"] == second.task_id
    told = {"Succeeded": 2_001, "Failed": 0, "Registered": 2_002, "Unchanged": 1, "Removed": 0}
    assert meters.counts() == told


def test_the_reports_of_all_parts_lie_in_the_folder_of_their_run(
    aws: Aws, meters: Stack, by_hand: ByHand
) -> None:
    declare(meters, NAMES[: PART_LINES + 2])
    meters.update()

    bucket, _, run = meters.outputs()["TaskReports"].removeprefix("s3://").partition("/")
    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=run)["Contents"]
    found = {item["Key"].removeprefix(run) for item in listed}
    tasks = [file.task_id for file in sent_files(by_hand)[1:]]
    assert found == {"summary.json", *(f"{task_id}/RESULTS-0.jsonl" for task_id in tasks)}
    assert run == f"{meters.property('KeyPrefix')}runs/{sent_files(by_hand)[-1].request_id}/"


def test_failures_of_several_parts_are_judged_together_and_named_by_the_users_lines(
    aws: Aws, meters: Stack
) -> None:
    declare(meters, NAMES[: PART_LINES + 3])
    meters.declare(MaxFailures="1")
    lines = [{"pattern": f'"{NAMES[number]}"', "message": "no"} for number in (6, PART_LINES + 2)]
    aws.faults(lines=lines)

    assert meters.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert f"line 7, thing {NAMES[6]}: no" in meters.reason()
    assert f"line {PART_LINES + 3}, thing {NAMES[PART_LINES + 2]}: no" in meters.reason()
    assert "2,000 things registered, 2 failed" in meters.reason().replace("2000", "2,000")


def test_a_failure_too_many_ends_the_run_before_the_next_part(
    aws: Aws, meters: Stack, by_hand: ByHand
) -> None:
    declare(meters, NAMES[: PART_LINES + 3])
    aws.faults(lines=[{"pattern": f'"{NAMES[6]}"', "message": "no"}])
    assert meters.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert len(sent_files(by_hand)) == 2
    aws.faults()

    assert meters.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=2) == [NAMES[6], *NAMES[PART_LINES + 1 : PART_LINES + 3]]


def test_a_part_that_somebody_stops_costs_that_part_and_the_next_deployment_goes_on(
    aws: Aws, meters: Stack, by_hand: ByHand
) -> None:
    declare(meters, NAMES)
    aws.faults(things_per_second=200)
    meters.begin_update()
    until("the second part", lambda: starts(aws), lambda calls: len(calls) == 3)
    second = all_tasks(aws)[-1]["taskId"]
    aws.client("iot").stop_thing_registration_task(taskId=second)
    assert meters.end() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults()

    assert meters.update() == "UPDATE_COMPLETE"
    assert_sent_once_more_at_most(by_hand, known=NAMES[: PART_LINES + 1])


def test_a_deployment_that_cloudformation_gives_up_in_its_second_part_is_gone_on_with(
    aws: Aws, meters: Stack, by_hand: ByHand
) -> None:
    declare(meters, NAMES)
    meters.declare(ServiceTimeout="1500")
    meters.begin_update()
    until("the first part", lambda: starts(aws), lambda calls: len(calls) == 2)
    aws.faults(task={"ends": "hangs"})
    assert meters.end() == "UPDATE_ROLLBACK_COMPLETE"
    assert [task["status"] for task in all_tasks(aws)[1:]] == ["Completed", "Cancelled"]
    aws.faults()
    meters.declare(ServiceTimeout="3000")

    assert meters.update() == "UPDATE_COMPLETE"
    assert_sent_once_more_at_most(by_hand, known=NAMES[: PART_LINES + 1])
    assert meters.counts()["Registered"] == len(NAMES)


def test_more_lines_than_the_timeout_allows_are_refused_before_the_first_part(
    aws: Aws, meters: Stack
) -> None:
    declare(meters, NAMES)
    meters.declare(TimeoutSeconds="60")

    assert meters.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "timeout" in meters.reason()
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("step", ["Start", "Finish"])
@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_a_worker_that_dies_once_in_the_second_part_starts_each_part_once(
    aws: Aws, meters: Stack, step: str, what: str
) -> None:
    declare(meters, NAMES[: PART_LINES + 2])
    meters.begin_update()
    until("the first part", lambda: starts(aws), lambda calls: len(calls) == 2)
    aws.faults(lambdas=[{"payload": {"step": step}, "what": what, "next": 1}])

    assert meters.end() == "UPDATE_COMPLETE"
    files = [INPUT_KEY.fullmatch(call["parameters"]["inputFileKey"]) for call in starts(aws)[1:]]
    assert len({found["part"] for found in files if found}) == 2


def test_a_part_whose_only_change_is_a_removal_is_not_sent(aws: Aws, meters: Stack) -> None:
    declare(meters, NAMES[:4])
    meters.update()
    declare(meters, NAMES[1:4])

    assert meters.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 2
    assert meters.counts()["Removed"] == 1


def assert_sent_once_more_at_most(by_hand: ByHand, known: list[str]) -> None:
    """All devices were sent; those that were known then only once."""
    sent = Counter(name for file in sent_files(by_hand) for name in file.things)
    assert sorted(sent) == NAMES
    again = [name for name in known if sent[name] > 1]
    assert not again, f"{len(again)} devices were sent again, first {json.dumps(again[:3])}"
