"""Things that happen at the same time, in processes and threads of the operating system."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local import LocalAws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


def test_two_stacks_at_once_register_one_after_the_other(
    aws: LocalAws, new_stack: Callable[[str], Stack]
) -> None:
    aws.faults(things_per_second=1)
    first, second = new_stack("Fleet"), new_stack("Other")

    first.begin_create()
    second.begin_create()

    assert (first.end(), second.end()) == ("CREATE_COMPLETE", "CREATE_COMPLETE")
    earlier, later = all_tasks(aws)
    assert earlier["lastModifiedDate"] <= later["creationDate"]
    assert earlier["successCount"] == later["successCount"] == 3


def test_a_create_event_that_comes_twice_registers_once(aws: LocalAws, stack: Stack) -> None:
    aws.faults(duplicate_events=1)

    assert stack.create() == "CREATE_COMPLETE"
    assert [event["request_type"] for event in aws.journal("event")] == ["Create", "Create"]
    assert len(starts(aws)) == 1


def test_an_update_while_one_runs_stops_it_and_registers_the_newest_file(
    aws: LocalAws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    stack.declare_new_file()
    aws.faults(task={"ends": "hangs", "next": 1})
    stack.begin_update()
    until("the first update's task", lambda: all_tasks(aws), lambda tasks: len(tasks) == 2)

    newer = by_hand.supersede(stack)

    assert by_hand.answer_to(newer)["Status"] == "SUCCESS"
    _, older, newest = all_tasks(aws)
    assert (older["status"], newest["status"]) == ("Cancelled", "Completed")
    assert older["lastModifiedDate"] <= newest["creationDate"]
    assert len(aws.journal("answer")) == 1
