"""One app that is deployed as two stacks, with the same bucket and prefix."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import SHARED_BUCKET
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


@pytest.fixture
def first(aws: SimulatedAws, new_stack: Callable[[str], Stack]) -> Stack:
    """The first of the two stacks, with its devices."""
    aws.client("s3").create_bucket(Bucket=SHARED_BUCKET)
    stack = new_stack("Shared")
    stack.declare(Deregister="REMOVED_LINES")
    arranged(stack.create() == "CREATE_COMPLETE", "the first stack is not created")
    return stack


@pytest.fixture
def second(by_hand: ByHand, first: Stack) -> Stack:
    """The same app under another name, with devices of its own."""
    stack = Stack(by_hand.aws, "SharedAgain", first.template, lambda status: None)
    stack.declare_devices([device(f"other-{number}") for number in range(3)])
    return stack


def active(registry: Registry, stack: Stack) -> int:
    """Return how many devices of a stack can connect."""
    statuses = registry.statuses()
    certificates = [registry.certificates_of(each["ThingName"]) for each in stack.devices()]
    return sum(statuses[one] == "ACTIVE" for ids in certificates for one in ids)


@pytest.mark.parametrize("deregister", ["NEVER", "REMOVED_LINES", "ALL"])
def test_a_second_stack_is_refused_and_leaves_the_devices_of_the_first(
    first: Stack, second: Stack, registry: Registry, deregister: str
) -> None:
    second.declare(Deregister=deregister)

    status = second.create()

    assert (status, active(registry, first)) == ("ROLLBACK_COMPLETE", 3)
    assert re.search(r"\bShared\b", second.reason())


def test_an_update_that_moves_a_stack_into_the_fleet_of_another_retires_nothing(
    aws: SimulatedAws, first: Stack, second: Stack, registry: Registry
) -> None:
    # Its rights are not what this is about.
    for folder in ("fleet/input/*", "fleet/*"):
        second.replace(f":s3:::{SHARED_BUCKET}/{folder}", f":s3:::{SHARED_BUCKET}/*")
    second.declare(KeyPrefix="own/")
    arranged(second.create() == "CREATE_COMPLETE", "the second stack is not created")
    second.declare(KeyPrefix="fleet/")

    second.update()

    assert (active(registry, first), active(registry, second)) == (3, 3)


def test_the_deletion_of_a_second_stack_leaves_the_state_of_the_first(
    aws: SimulatedAws, first: Stack, second: Stack, registry: Registry
) -> None:
    second.declare(Deregister="NEVER")
    second.create()
    arranged(second.delete() == "DELETE_COMPLETE", "the second stack is not deleted")
    first.declare_devices([*first.devices(), device("added")])

    arranged(first.update() == "UPDATE_COMPLETE", "the first stack is not updated")

    counts = first.counts()
    assert (counts["Registered"], counts["Unchanged"]) == (4, 3)
