"""A line that gets another name while the state is lost."""

import pytest

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet_life import FleetLife
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="C2: without a state, a device is known by its name only: AWS finds no thing by its key",
)
def test_a_key_is_certified_once_although_its_line_is_renamed_after_the_stack_was_destroyed(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand
) -> None:
    fleet = FleetLife(aws, by_hand, stack)
    fleet.add(2)
    fleet.create()
    fleet.delete()
    before = by_hand.registry.certificate_ids()
    fleet.change(0, ThingName="another-name")
    stack.declare_devices(fleet.lines)

    assert stack.create() == "CREATE_COMPLETE"
    after = by_hand.registry.certificate_ids()
    # The account is left as it has to be: what was certified again goes.
    known = {each for ids in before.values() for each in ids}
    new = {each for ids in after.values() for each in ids} - known
    by_hand.certificates |= new
    assert after == before
