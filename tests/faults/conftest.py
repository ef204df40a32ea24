"""Rows on real processes: a local AWS for each, the invariants after it, and their table.

What they share with the rows of virtual time lies in tests/simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from local import LocalAws
from tests.simulation.by_hand import ByHand
from tests.simulation.conftest import assembly
from tests.simulation.invariants import assert_invariants
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from tests.simulation.table import STATUS, print_table

if TYPE_CHECKING:
    from tests.simulation.assembly import Assembly

__all__ = ["assembly"]


@pytest.fixture(scope="session")
def real_assembly(assembly: Assembly) -> Assembly:
    """The stacks under test, whose worker waits for seconds where it waits for minutes."""
    # Not at the top: aws_cdk starts Node.js when it is imported.
    from tests.simulation.other_code import SHORTER, with_other_code

    return with_other_code(assembly, SHORTER)


@pytest.fixture
def by_hand(real_assembly: Assembly) -> Iterator[ByHand]:
    """A local AWS of the row's own, with the assets; what must hold is asserted at its end."""
    with LocalAws() as aws:
        real_assembly.publish(aws)
        sender = ByHand(aws)
        yield sender
        assert_invariants(aws, sender)


@pytest.fixture
def aws(by_hand: ByHand) -> LocalAws:
    """The local AWS."""
    assert isinstance(by_hand.aws, LocalAws)
    return by_hand.aws


@pytest.fixture
def registry(by_hand: ByHand) -> Registry:
    """What AWS IoT has."""
    return by_hand.registry


@pytest.fixture
def new_stack(
    aws: LocalAws, real_assembly: Assembly, request: pytest.FixtureRequest
) -> Callable[[str], Stack]:
    """Makes one of the synthesized stacks; what its operations come to is in the table."""

    def note(status: str) -> None:
        request.node.user_properties.append((STATUS, status))

    return lambda name: Stack(aws, name, real_assembly.templates[name], note)


@pytest.fixture
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack with one task, not created yet."""
    return new_stack("Fleet")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    print_table(terminalreporter, "fault matrix on real processes", "tests/faults/")
