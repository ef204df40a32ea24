"""A local AWS for each row, the invariants after it, and the table at the end."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import pytest

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import assert_invariants
from tests.simulation.stacks import Stack
from tests.simulation.table import STATUS, print_table

if TYPE_CHECKING:
    from tests.simulation.assembly import Assembly

_open: list[SimulatedAws] = []


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Assembly:
    """The stacks under test, synthesized once, by the first of the processes that needs them."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder if worker_id == "master" else folder.parent
    kept = shared / "assembly.pickle"
    with (shared / "assembly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            # Not at the top: aws_cdk starts Node.js when it is imported.
            from tests.simulation.declared import synthesize

            kept.write_bytes(pickle.dumps(synthesize(tmp_path_factory.mktemp("assembly"))))
    made: Assembly = pickle.loads(kept.read_bytes())
    return made


@pytest.fixture
def by_hand(assembly: Assembly) -> Iterator[ByHand]:
    """A local AWS of the row's own, with the assets; what must hold is asserted at its end."""
    with SimulatedAws() as aws:
        with aws.inside():
            assembly.publish(aws)
            sender = ByHand(aws)
        _open.append(aws)
        yield sender
        _open.pop()
        with aws.inside():
            assert_invariants(aws, sender)


@pytest.fixture
def aws(by_hand: ByHand) -> SimulatedAws:
    """The local AWS."""
    assert isinstance(by_hand.aws, SimulatedAws)
    return by_hand.aws


@pytest.fixture
def new_stack(
    aws: SimulatedAws, assembly: Assembly, request: pytest.FixtureRequest
) -> Callable[[str], Stack]:
    """Makes one of the synthesized stacks; what its operations come to is in the table."""

    def note(status: str) -> None:
        request.node.user_properties.append((STATUS, status))

    return lambda name: Stack(aws, name, assembly.templates[name], note)


@pytest.fixture
def stack(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack with one task, not created yet."""
    return new_stack("Fleet")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Run the test in virtual time; pytest itself keeps the machine's."""
    with in_virtual_time():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, object, object]:
    """Run the fixtures that are set up in a world in its time."""
    with in_virtual_time():
        return (yield)


def in_virtual_time() -> AbstractContextManager[None]:
    """The time of the test's world, if it has one."""
    return _open[-1].inside() if _open else nullcontext()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    print_table(terminalreporter, "fault matrix", "tests/simulation/")
