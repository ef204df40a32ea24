"""One large fleet, in parts and with faults: `make sweep FULL=1` lives it, in some minutes."""

import os

import pytest

from local.simulation import Call, HttpFailure, SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.templates import THINGS_ONLY
from tests.simulation.stacks import Stack
from tests.simulation.sweeps.faults import FAULTS
from tests.simulation.sweeps.scenarios import Scene

DEVICES, DEPLOYMENTS = 100_000, 10
HARMLESS = [name for name, fault in FAULTS.items() if not fault.may_cancel]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("FULL"), reason="takes minutes: make sweep FULL=1")
def test_a_hundred_thousand_devices_are_registered_in_parts_whatever_goes_wrong(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand
) -> None:
    """A call in each 997 goes wrong, in turn in each way."""
    names = [f"meter-{number:06}" for number in range(DEVICES)]
    scene, strikes = Scene(aws, by_hand, lambda name: stack, size=0), 0

    def strike(call: Call) -> HttpFailure | None:
        nonlocal strikes
        fault = FAULTS[HARMLESS[call.number // 997 % len(HARMLESS)]]
        if call.number % 997 or call.when != fault.strikes:
            return None
        strikes += 1
        return fault.strike(scene, call)

    aws.faults(things_per_second=100, throttling=False)
    stack.declare_template(THINGS_ONLY)
    stack.declare(ThingsPerSecond="100")
    aws.listen(strike)
    for deployment in range(1, DEPLOYMENTS + 1):
        registered = names[: deployment * DEVICES // DEPLOYMENTS]
        stack.declare_devices({"ThingName": name} for name in registered)
        operate = stack.create if deployment == 1 else stack.update

        assert operate() in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack.reasons()[-1:]
        assert stack.counts()["Registered"] == len(registered)

    aws.listen(None)
    assert strikes > len(HARMLESS)
    pages = aws.client("iot").get_paginator("list_things").paginate()
    assert sum(len(page["things"]) for page in pages) == DEVICES
