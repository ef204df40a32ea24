"""A provider Lambda for each test file, a stack's name for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from local import LocalAws
from tests.local.stacks import ended_or_gone, notes, provider


@pytest.fixture(scope="module")
def token(aws: LocalAws) -> str:
    return provider(aws)


@pytest.fixture
def stack(aws: LocalAws) -> Iterator[str]:
    """The name of a stack that is deleted afterwards."""
    name = f"stack-{uuid.uuid4()}"
    yield name
    aws.faults()
    aws.client("cloudformation").delete_stack(StackName=name)
    ended_or_gone(aws, name)
    notes(aws)
