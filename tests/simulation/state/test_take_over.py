"""A fleet that another stack takes over, and that gets back what a rollback gives back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import SHARED_BUCKET
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


@pytest.fixture
def first(aws: SimulatedAws, new_stack: Callable[[str], Stack]) -> Stack:
    """The stack whose fleet it is, in a bucket that no stack has made."""
    aws.client("s3").create_bucket(Bucket=SHARED_BUCKET)
    stack = new_stack("Shared")
    stack.declare(Deregister="REMOVED_LINES", EmptyOnDelete="true")
    assert stack.create() == "CREATE_COMPLETE"
    return stack


@pytest.fixture
def second(by_hand: ByHand, first: Stack) -> Stack:
    """The same app under another name, which takes the fleet over."""
    stack = Stack(by_hand.aws, "Renamed", first.template, lambda status: None)
    (task,) = stack.tasks
    stack.declare(TakeOver=f"{first.name}/{task}")
    return stack


def owner(aws: SimulatedAws) -> str:
    """Return the name of the stack that the head names."""
    body = aws.client("s3").get_object(Bucket=SHARED_BUCKET, Key="fleet/head.json")["Body"]
    return str(json.load(body)["owner"]["stack"])


def test_a_renamed_stack_takes_the_fleet_over_and_the_old_one_deletes_nothing(
    aws: SimulatedAws, first: Stack, second: Stack, registry: Registry
) -> None:
    assert second.create() == "CREATE_COMPLETE"
    assert first.delete() == "DELETE_COMPLETE"

    assert owner(aws) == "Renamed"
    assert len(starts(aws)) == 1
    second.declare_devices(second.devices()[:2])
    assert second.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE", "ACTIVE", "INACTIVE"]


def test_a_take_over_that_is_rolled_back_gives_the_fleet_back(
    aws: SimulatedAws, first: Stack, second: Stack, registry: Registry
) -> None:
    second.declare_devices(second.devices()[:2])
    second.declare_failing_resource()

    assert second.create() == "ROLLBACK_COMPLETE"
    assert owner(aws) == "Shared"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    first.declare_devices([*first.devices(), device("added")])
    assert first.update() == "UPDATE_COMPLETE"
    counts = first.counts()
    assert (counts["Unchanged"], counts["Succeeded"]) == (3, 1)


def test_after_a_deletion_the_fleet_is_anybodys(
    aws: SimulatedAws, first: Stack, second: Stack
) -> None:
    first.declare(EmptyOnDelete="false")
    assert first.update() == "UPDATE_COMPLETE"
    assert first.delete() == "DELETE_COMPLETE"
    second.declare(TakeOver="Nobody/Task")

    assert second.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert second.counts()["Unchanged"] == 3
