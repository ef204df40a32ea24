"""Defects that are known: each row describes the right behaviour and is expected to fail.

Only an assertion is expected to: what a row cannot arrange is an error of the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.conftest import registry
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.filled_account import FilledAccount
from tests.simulation.known_defects.watch import Watch
from tests.simulation.stacks import Stack
from tests.simulation.strikes import struck

__all__ = ["registry"]


@pytest.fixture(autouse=True)
def each_fault_struck(by_hand: ByHand) -> Iterator[None]:
    """Fail a row whose fault never struck: it has not tested what it says."""
    yield
    strikes = struck(by_hand.aws)
    arranged(all(strikes.values()), f"a fault never struck: {strikes}")


@pytest.fixture
def watch(aws: SimulatedAws) -> Watch:
    """Sees, slows and loses calls of the workers."""
    return Watch(aws)


@pytest.fixture
def account(aws: SimulatedAws) -> Iterator[FilledAccount]:
    """Adds what others have made."""
    filled = FilledAccount(aws)
    yield filled
    filled.clear()


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """The stack with its three devices, which are registered."""
    arranged(stack.create() == "CREATE_COMPLETE", "the stack is not created")
    return stack


@pytest.fixture
def removal(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack that retires what leaves its file, created."""
    stack = new_stack("Removal")
    stack.declare(Deregister="REMOVED_LINES")
    arranged(stack.create() == "CREATE_COMPLETE", "the stack is not created")
    return stack
