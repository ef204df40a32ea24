"""What becomes of devices that leave the file; where a row has a fault, it has to strike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation.fleet.conftest import each_fault_struck, registry
from tests.simulation.stacks import Stack

__all__ = ["each_fault_struck", "registry"]

NAMES = [f"Removal-Task-{number}" for number in range(3)]


@pytest.fixture
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack that may deregister, not created yet; removed lines are retired."""
    stack = new_stack("Removal")
    stack.declare(Deregister="REMOVED_LINES")
    return stack


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """The stack with its three devices, which are registered."""
    assert stack.create() == "CREATE_COMPLETE"
    return stack
