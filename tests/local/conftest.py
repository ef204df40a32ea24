"""A local AWS for each test file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from local import LocalAws
from tests.local.fleet import Fleet


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS for the tests of one file."""
    with LocalAws() as running:
        yield running


@pytest.fixture(scope="module")
def fleet_of_file(aws: LocalAws) -> Fleet:
    """The fleet that the tests of a file share."""
    return Fleet(aws)


@pytest.fixture
def fleet(fleet_of_file: Fleet) -> Iterator[Fleet]:
    """The fleet, without faults and without the limit on calls per second."""
    fleet_of_file.aws.faults(throttling=False)
    yield fleet_of_file
    fleet_of_file.aws.faults(throttling=False)


@pytest.fixture
def name() -> str:
    """A thing's name that was not used before."""
    return f"thing-{uuid.uuid4()}"
