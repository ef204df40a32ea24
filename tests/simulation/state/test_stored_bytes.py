"""How much a run writes to S3: a few times its input and its state, however many calls it has."""

from __future__ import annotations

import os

import pytest

from local.simulation import Call, SimulatedAws
from tests.simulation.devices import device
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

FULL = bool(os.environ.get("FULL"))
FULL_ONLY = pytest.mark.skipif(not FULL, reason="takes minutes: make simulate FULL=1")


@pytest.mark.parametrize(
    "count",
    [1_000, 5_000, pytest.param(10_000, marks=FULL_ONLY), pytest.param(100_000, marks=FULL_ONLY)],
)
def test_a_run_writes_at_most_four_times_its_state_and_its_input(
    aws: SimulatedAws, stack: Stack, count: int
) -> None:
    heads = 0

    def note(call: Call) -> None:
        nonlocal heads
        if call.when == "after" and call.api == "PutObject":
            heads += _size_of_head(aws, stack)

    aws.faults(things_per_second=1_000)
    stack.declare(ThingsPerSecond="400")
    stack.declare_devices(device(f"device-{number}") for number in range(count))
    aws.listen(note)

    assert stack.create() == "CREATE_COMPLETE"
    sizes = _sizes(aws, stack)
    states = {key: size for key, size in sizes.items() if "/states/" in key}
    inputs = {key: size for key, size in sizes.items() if "/input/" in key}
    state = states[max(states)]
    file = next(size for key, size in inputs.items() if key.endswith("/file.jsonl"))
    written = sum(states.values()) + sum(inputs.values()) + heads
    assert heads > 0
    assert written <= 4 * (state + file), f"{written:,} of {state:,} and {file:,}"


def test_a_deployment_that_changes_nothing_adds_nothing_to_the_state(
    aws: SimulatedAws, stack: Stack
) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    before = {key: size for key, size in _sizes(aws, stack).items() if "/states/" in key}
    for number in range(3):
        stack.declare(MaxFailures=str(number + 1))
        assert stack.update() == "UPDATE_COMPLETE"
    after = {key: size for key, size in _sizes(aws, stack).items() if "/states/" in key}

    assert after[max(after)] <= before[max(before)]


def _sizes(aws: SimulatedAws, stack: Stack) -> dict[str, int]:
    """Return the sizes of the objects in the stack's bucket."""
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}


def _size_of_head(aws: SimulatedAws, stack: Stack) -> int:
    """Return the size of the head, which is nearly each object that a call writes."""
    return sum(size for key, size in _sizes(aws, stack).items() if key.endswith("/head.json"))
