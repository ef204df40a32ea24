"""A fleet that is updated again and again, and one that has grown over the years."""

from __future__ import annotations

import copy

import pytest

from local.simulation import SimulatedAws
from tests.simulation.fleet.templates import THINGS_ONLY, with_attribute
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.watch import Watch
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

D26 = pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="D26, issue 19 (to the last device): more lines than fit into a timeout are refused",
)
# The longest that can be declared, in seconds; CloudFormation waits for an hour at most.
TIMEOUT = 3_000
# AWS's 10 things a second and a fleet of 31,000, a hundredth of each.
THINGS_PER_SECOND, THINGS = 0.1, 310
UPDATES = 20


def test_a_comparison_makes_as_many_calls_after_many_template_changes_as_after_two(
    aws: SimulatedAws, deployed: Stack
) -> None:
    calls = []
    for number in range(UPDATES):
        deployed.declare_template(with_attribute("version", str(number)))
        watch = Watch(aws)
        arranged(deployed.update() == "UPDATE_COMPLETE", "the stack is not updated")
        calls.append(watch.calls["Compare"])

    assert calls[-1] <= calls[1] + 5, f"calls of Compare in each update: {calls}"


@D26
def test_a_template_change_reaches_a_fleet_that_does_not_fit_into_the_longest_timeout(
    aws: SimulatedAws, stack: Stack, registry: Registry
) -> None:
    grown = [{"ThingName": f"meter-{number:03}"} for number in range(THINGS)]
    stack.declare(ThingsPerSecond=str(THINGS_PER_SECOND), TimeoutSeconds=str(TIMEOUT))
    stack.declare_template(THINGS_ONLY)
    aws.faults(things_per_second=THINGS_PER_SECOND)
    stack.declare_devices(grown[: THINGS // 2])
    arranged(stack.create() == "CREATE_COMPLETE", "the first half is not registered")
    stack.declare_devices(grown)
    arranged(stack.update() == "UPDATE_COMPLETE", "the second half is not registered")
    changed = copy.deepcopy(THINGS_ONLY)
    changed["Resources"]["thing"]["Properties"]["AttributePayload"] = {"site": "roof"}
    stack.declare_template(changed)

    deployments = [stack.update() for _ in range(3)]

    reached = sum(attributes == {"site": "roof"} for attributes in registry.things().values())
    assert reached == THINGS, f"{reached} of {THINGS} in {deployments}: {stack.reasons()[-1:]}"
