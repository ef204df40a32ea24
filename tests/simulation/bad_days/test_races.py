"""Requests that overtake each other while AWS's lists lag, and events that come late."""

import json
from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


def physical_id(aws: Aws) -> str:
    """The physical id of the resource that was answered last."""
    return str(json.loads(aws.journal("answer")[-1]["body"])["PhysicalResourceId"])


def update_that_waits_for_the_slot(aws: Aws, stack: Stack) -> dict[str, Any]:
    """Begin an update with a new file while a foreign task runs; the update's event."""
    stack.declare_new_file()
    stack.begin_update()

    def waits(entries: list[dict[str, Any]]) -> bool:
        kinds = [entry["kind"] for entry in entries[-4:]]
        updates = any(entry.get("request_type") == "Update" for entry in entries)
        return updates and kinds == ["call"] * 4

    entries = until("an update that waits for the slot", aws.journal, waits)
    return [entry for entry in entries if entry["kind"] == "event"][-1]


def test_a_delete_that_does_not_see_the_execution_before_it_lets_no_task_start_after_it(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    resource = physical_id(aws)
    aws.faults(executions_lag_seconds=60, foreign_task_seconds=25)
    update = update_that_waits_for_the_slot(aws, stack)
    by_hand.superseded.add(update["request_id"])

    delete = by_hand.send("Delete", resource, {**update["properties"], "EmptyOnDelete": "false"})

    assert by_hand.answer_to(delete)["Status"] == "SUCCESS"
    assert stack.end() == "UPDATE_ROLLBACK_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_task_that_the_list_shows_late_is_stopped_by_the_delete_that_follows_its_start(
    aws: Aws, stack: Stack
) -> None:
    stack.retain()
    stack.declare(ServiceTimeout="15")
    aws.faults(task={"ends": "hangs"}, list_lag_seconds=60)

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert len(starts(aws)) == 1


def test_lists_that_take_long_do_not_keep_the_task_from_starting(aws: Aws, stack: Stack) -> None:
    slow = {"api": "ListThingRegistrationTasks", "code": None, "latency": 6.0, "rate": 1.0}
    aws.faults(calls=[slow])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_create_that_comes_when_its_stack_no_longer_waits_for_it_registers_nothing(
    aws: Aws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    created = aws.journal("event")[-1]
    stack.declare_new_file()
    aws.faults(lines=[{"line": 1}])
    stack.update()
    before = len(starts(aws))

    late = by_hand.send("Create", physical_id(aws), created["properties"])

    assert "UPDATE_ROLLBACK_COMPLETE" in by_hand.answer_to(late)["Reason"]
    assert len(starts(aws)) == before


def test_an_event_that_is_older_than_its_function_allows_never_registers_anything(
    aws: Aws, stack: Stack
) -> None:
    stack.declare(ServiceTimeout="8")
    aws.faults(late_event_seconds=300)
    stack.begin_create()
    until("a late event", lambda: aws.fault_strikes()["late_event_seconds"], bool)
    aws.faults()

    assert stack.end() == "ROLLBACK_COMPLETE"
    assert not starts(aws)
