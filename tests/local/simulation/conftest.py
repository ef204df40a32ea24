"""A simulated AWS for each test, which runs in its time; pytest itself keeps the machine's."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from local.simulation import SimulatedAws
from tests.local.simulation.provider import Provider

_open: list[SimulatedAws] = []


@pytest.fixture
def aws() -> Iterator[SimulatedAws]:
    """An empty account."""
    with SimulatedAws() as aws:
        _open.append(aws)
        yield aws
        _open.pop()


@pytest.fixture
def provider(aws: SimulatedAws) -> Provider:
    """A Lambda that answers custom-resource requests, in a stack of its own."""
    with aws.inside():
        return Provider(aws)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Run the test in virtual time, if its AWS is that of the fixture."""
    if not _open:
        return (yield)
    with _open[-1].inside():
        return (yield)
