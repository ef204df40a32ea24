"""The worker as a process: the package it imports, its time, its memory, and its death."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from local import LocalAws
from tests.faults.lambda_processes import peak_mib, worker_processes
from tests.simulation.assembly import Assembly
from tests.simulation.fleet.templates import THINGS_ONLY
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.other_code import SHORTER, with_other_code
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")

LINES = 200_000
# Its 1,769 MiB buy a whole processor; of the memory it needs little.
GENEROUS_MIB = 600
SLOW_COPY: dict[str, Any] = {"service": "s3", "api": "CopyObject", "code": None, "latency": 12.0}
SLOW_START: dict[str, Any] = {"api": "StartThingRegistrationTask", "code": None, "latency": 8.0}


def let_lambda_end_the_worker_after(stack: Stack, seconds: int) -> None:
    for logical_id, resource in stack.template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function" and "Worker" in logical_id:
            resource["Properties"]["Timeout"] = seconds


def test_the_package_as_deployed_registers_updates_retires_and_deletes_a_fleet(
    new_stack: Callable[[str], Stack], registry: Registry
) -> None:
    stack = new_stack("Removal")
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare_devices(stack.devices()[:2])
    assert stack.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE", "ACTIVE", "INACTIVE"]

    assert stack.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


@on_linux
def test_a_worker_whose_process_is_killed_in_the_middle_of_a_call_is_called_again(
    aws: LocalAws, stack: Stack
) -> None:
    aws.faults(calls=[{**SLOW_START, "when": "after", "next": 1}])
    stack.begin_create()
    until("a start", lambda: aws.fault_strikes()["calls[0]"], bool)

    (killed,) = worker_processes(aws)
    os.kill(killed, signal.SIGKILL)

    assert stack.end() == "CREATE_COMPLETE"
    assert killed not in worker_processes(aws)
    assert len(starts(aws)) == 1


def test_a_worker_that_lambda_ends_at_its_timeout_is_called_again(
    aws: LocalAws, stack: Stack
) -> None:
    let_lambda_end_the_worker_after(stack, 4)
    aws.faults(calls=[{**SLOW_COPY, "next": 1}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_lambda_ends_at_its_timeout_each_time_fails_the_deployment(
    aws: LocalAws, stack: Stack
) -> None:
    let_lambda_end_the_worker_after(stack, 2)
    aws.faults(calls=[{**SLOW_COPY, "next": 9}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "died: Sandbox.Timedout: Task timed out after 2.00 seconds" in stack.reason()
    assert not all_tasks(aws)


@on_linux
def test_200_000_lines_are_copied_checked_compared_and_split_with_little_memory(
    assembly: Assembly, aws: LocalAws, new_stack: Callable[[str], Stack]
) -> None:
    """The first part is large here: that needs more memory than parts of 2,000 lines.

    It ends before the things are looked up, one after the other: that takes minutes.
    """
    large_parts = {"fleet/run_size.py": {"PART_LINES = 2_000": f"PART_LINES = {LINES // 2}"}}
    with_other_code(assembly, {**SHORTER, **large_parts}).publish(aws)
    stack = new_stack("Fleet")
    stack.declare_template(THINGS_ONLY)
    stack.declare(ThingsPerSecond="1000")
    lines = [json.dumps({"ThingName": f"meter-{number}"}) for number in range(LINES)]
    stack.declare_new_file("".join(f"{line}\n" for line in lines).encode())
    aws.faults(lambdas=[{"payload": {"step": "LookUp"}, "what": "dies_before", "next": 5}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "a step of the registration died" in stack.reason()
    assert aws.fault_strikes() == {"lambdas[0]": 5}
    peaks = [peak_mib(process) for process in worker_processes(aws)]
    assert 30 < max(peaks) < GENEROUS_MIB, peaks
