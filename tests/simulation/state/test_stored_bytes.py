"""How much a run writes to S3: a few times its input and its state, however many calls it has."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from local.simulation import Call, SimulatedAws
from tests.simulation.devices import Device, device
from tests.simulation.fleet.templates import with_site
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

FULL = bool(os.environ.get("FULL"))
FULL_ONLY = pytest.mark.skipif(not FULL, reason="takes minutes: make simulate FULL=1")


@pytest.mark.parametrize("count", [1_000, 5_000, pytest.param(10_000, marks=FULL_ONLY)])
def test_a_run_writes_at_most_four_times_its_state_and_its_input(
    aws: SimulatedAws, stack: Stack, count: int
) -> None:
    _declare(stack, count)

    _check_bytes(aws, stack, stack.create)


@FULL_ONLY
def test_a_run_that_adds_to_a_hundred_thousand_devices_writes_no_more(
    aws: SimulatedAws, stack: Stack
) -> None:
    """The devices are registered in ten deployments: one would take longer than it may."""
    devices = _declare(stack, 100_000)
    for count in range(10_000, 100_001, 10_000):
        stack.declare_devices(devices[:count])
        _check_bytes(aws, stack, stack.create if count == 10_000 else stack.update)


@pytest.mark.parametrize("count", [5_000, pytest.param(10_000, marks=FULL_ONLY)])
def test_a_run_that_changes_each_device_in_another_order_writes_no_more(
    aws: SimulatedAws, stack: Stack, count: int
) -> None:
    stack.declare_template(with_site("Nara"))
    devices = _declare(stack, count)
    assert stack.create() == "CREATE_COMPLETE"
    changed = [{**each, "Site": "Kyoto"} for each in devices]
    random.Random(1).shuffle(changed)
    stack.declare_devices(changed)

    _check_bytes(aws, stack, stack.update)


def _declare(stack: Stack, count: int) -> list[Device]:
    """Declare so many devices, and return them."""
    devices = [device(f"device-{number}") for number in range(count)]
    stack.declare(ThingsPerSecond="400")
    stack.declare_devices(devices)
    return devices


def _check_bytes(aws: SimulatedAws, stack: Stack, operate: Callable[[], str]) -> None:
    """Deploy, and check how many bytes the run writes."""
    before = {} if operate == stack.create else _sizes(aws, stack)
    heads = 0

    def note(call: Call) -> None:
        nonlocal heads
        if call.when == "after" and call.api == "PutObject":
            heads += _size_of_head(aws, stack)

    aws.faults(things_per_second=1_000)
    aws.listen(note)
    assert operate() in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    aws.listen(None)
    sizes = _sizes(aws, stack)
    written = {key: size for key, size in sizes.items() if key not in before}
    states = {key: size for key, size in written.items() if "/states/" in key}
    inputs = {key: size for key, size in written.items() if "/input/" in key}
    state = states[max(states)]
    file = next(size for key, size in inputs.items() if key.endswith("/file.jsonl"))
    total = sum(states.values()) + sum(inputs.values()) + heads
    assert heads > 0
    assert total <= 4 * (state + file), f"{total:,} of {state:,} and {file:,}"


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
