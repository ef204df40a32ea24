"""A worker that dies in the steps that compare, look up and remember."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.devices import device
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

STEPS = ("Recover", "Compare", "Provide", "LookUp", "Finish")


@pytest.fixture
def stopped(aws: Aws, deployed: Stack) -> Stack:
    """A stack whose last update was stopped behind its first device, without a report."""
    deployed.declare_devices(
        [*deployed.devices(), *[device(f"later-{number}") for number in range(3)]]
    )
    cancelled = {"ends": "Cancelled", "after_lines": 1, "next": 1}
    aws.faults(task=cancelled, reports={"late_seconds": 600})
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults()
    return deployed


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_a_worker_that_dies_once_carries_on(
    aws: Aws, stopped: Stack, registry: Registry, step: str, what: str
) -> None:
    before = registry.certificate_ids()
    aws.faults(lambdas=[{"payload": {"step": step}, "what": what, "next": 1}])

    assert stopped.update() == "UPDATE_COMPLETE"
    after = registry.certificate_ids()
    assert {key: after[key] for key in before} == before
    assert len(after) == 6
    assert stopped.counts()["Registered"] == 6


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_a_worker_that_dies_each_time_costs_no_certificate_when_it_is_deployed_again(
    aws: Aws, stopped: Stack, registry: Registry, step: str, what: str
) -> None:
    aws.faults(lambdas=[{"payload": {"step": step}, "what": what, "next": 5}])
    stopped.update()
    before = registry.certificate_ids()
    aws.faults()
    stopped.declare(MaxFailures="1")

    assert stopped.update() == "UPDATE_COMPLETE"
    after = registry.certificate_ids()
    assert {key: after[key] for key in before} == before
    assert len(after) == 6
    assert stopped.counts()["Registered"] == 6


@pytest.mark.parametrize("step", ["Recover", "Compare", "Provide", "LookUp"])
def test_a_worker_that_dies_each_time_before_a_start_starts_nothing(
    aws: Aws, stopped: Stack, step: str
) -> None:
    before = len(starts(aws))
    aws.faults(lambdas=[{"payload": {"step": step}, "what": "dies_before", "next": 5}])

    assert stopped.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "a step of the registration died: Runtime.ExitError" in stopped.reasons()[-1]
    assert len(starts(aws)) == before
