"""An event that arrives late, when CloudFormation has given its request up and sent another."""

from __future__ import annotations

import pytest

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import starts
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.watch import Watch
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

# CloudFormation waits so long for an answer; the event comes soon after that.
GIVEN_UP, LATE = 60, 70


def hold_the_next_event(aws: SimulatedAws, stack: Stack, begin: str) -> None:
    """Begin an operation whose event arrives when its rollback is under way."""
    stack.declare(ServiceTimeout=str(GIVEN_UP))
    events = len(aws.journal("event"))
    aws.faults(late_event_seconds=LATE)
    if begin == "create":
        stack.begin_create()
    else:
        stack.begin_update()
    until("the event", lambda: len(aws.journal("event")), lambda count: count > events)
    aws.faults()


def answered(aws: SimulatedAws, kind: str) -> list[str]:
    """Return the requests of a kind that were answered."""
    kinds = {event["request_id"]: event["request_type"] for event in aws.journal("event")}
    answers = [answer for answer in aws.journal("answer") if answer["accepted"]]
    return [one["request_id"] for one in answers if kinds[one["request_id"]] == kind]


def test_the_rollback_of_an_update_is_carried_out_although_the_update_comes_late(
    aws: SimulatedAws, by_hand: ByHand, deployed: Stack, watch: Watch
) -> None:
    deployed.declare_new_file()
    hold_the_next_event(aws, deployed, "update")
    # The rollback is under way when the event comes.
    watch.slow("Prepare", "GetObject", 15)

    status = deployed.end()

    arranged(watch.invocations("Prepare"), "nothing was rolled back")
    assert (status, len(answered(aws, "Update"))) == ("UPDATE_ROLLBACK_COMPLETE", 1)
    assert len(starts(by_hand.aws)) == 1


def test_the_rollback_of_a_creation_is_carried_out_although_the_creation_comes_late(
    aws: SimulatedAws, by_hand: ByHand, stack: Stack, watch: Watch
) -> None:
    hold_the_next_event(aws, stack, "create")
    watch.slow("Stop", "GetObject", 15)

    status = stack.end()

    arranged(watch.invocations("Stop"), "nothing was rolled back")
    assert (status, len(answered(aws, "Delete"))) == ("ROLLBACK_COMPLETE", 1)
    assert not starts(by_hand.aws)
