"""Two stacks that have the same new devices, in an account whose registry lags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.simulation import SimulatedAws
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("lag", [0, 50])
def test_devices_of_two_stacks_are_certified_once(
    aws: SimulatedAws,
    stack: Stack,
    new_stack: Callable[[str], Stack],
    registry: Registry,
    lag: int,
) -> None:
    other = new_stack("Other")
    other.declare_devices(stack.devices())
    aws.faults(registry_lag_seconds=lag)
    other.begin_create()

    assert stack.create() == "CREATE_COMPLETE"
    assert other.end() == "CREATE_COMPLETE"
    aws.faults()
    assert len(registry.certificates()) == 3


def test_devices_of_a_stack_that_was_deployed_a_moment_ago_are_certified_once(
    aws: SimulatedAws, stack: Stack, new_stack: Callable[[str], Stack], registry: Registry
) -> None:
    aws.faults(registry_lag_seconds=50)
    assert stack.create() == "CREATE_COMPLETE"
    other = new_stack("Other")
    other.declare_devices(stack.devices())

    assert other.create() == "CREATE_COMPLETE"
    aws.faults()
    assert len(registry.certificates()) == 3
