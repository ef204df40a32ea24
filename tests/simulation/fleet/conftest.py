"""What a deployment does to a fleet; where a row has a fault, it has to strike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from tests.simulation.strikes import struck
from tests.simulation.table import STRUCK


@pytest.fixture(autouse=True)
def each_fault_struck(aws: Aws, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a row whose fault never struck: it has not tested what it says."""
    yield
    strikes = struck(aws)
    times = ", ".join(f"{name} struck {count} times" for name, count in strikes.items())
    if times:
        request.node.user_properties.append((STRUCK, times))
    assert all(strikes.values()), f"a fault never struck: {strikes}"


@pytest.fixture
def registry(by_hand: ByHand) -> Registry:
    """What AWS IoT has."""
    return by_hand.registry


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """The stack with its three devices, which are registered."""
    assert stack.create() == "CREATE_COMPLETE"
    return stack
