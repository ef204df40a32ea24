"""Calls over HTTP by the real clients: links, broken connections, parts, and conditions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import LocalAws
from tests.simulation.fleet.templates import THINGS_ONLY
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack
from tests.simulation.test_input_and_reports import reports

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
# Long messages make a report of 20 MB, which is sent in parts of 16 MiB, and copied in parts of 5.
LINES, MESSAGE = 200, "x" * 100_000
CONDITIONAL: dict[str, Any] = {"service": "s3", "api": "PutObject", "next": 1}


def declare_lines_that_fail(aws: LocalAws, stack: Stack) -> None:
    """Let the reports be as large as they may be in one part."""
    stack.declare_template(THINGS_ONLY)
    stack.declare(MaxFailures="100%")
    lines = [json.dumps({"ThingName": f"x-{number}"}) for number in range(LINES)]
    stack.declare_new_file("".join(f"{line}\n" for line in lines).encode())
    aws.faults(lines=[{"pattern": "", "message": MESSAGE}])


def test_a_large_report_is_uploaded_in_parts_and_moves_with_the_prefix_in_parts(
    aws: LocalAws, stack: Stack
) -> None:
    declare_lines_that_fail(aws, stack)
    assert stack.create() == "CREATE_COMPLETE"
    (uploaded,) = reports(aws, stack).values()
    assert (uploaded.count(b"\n"), len(uploaded) > 16 * MIB) == (LINES, True)
    aws.faults()
    stack.replace(stack.property("KeyPrefix"), "Elsewhere/Task/")

    assert stack.update() == "UPDATE_COMPLETE"
    assert "/Elsewhere/Task/" in stack.outputs()["TaskReports"]
    s3 = aws.client("s3")
    (name,) = stack.physical_ids(["AWS::S3::Bucket"])
    listed = s3.list_objects_v2(Bucket=name, Prefix="Elsewhere/Task/runs/")["Contents"]
    (moved,) = [item for item in listed if item["Size"] == len(uploaded)]
    assert s3.get_object(Bucket=name, Key=moved["Key"])["Body"].read() == uploaded
    # An ETag of several parts has their number.
    assert moved["ETag"].strip('"').endswith(f"-{-(-len(uploaded) // (5 * MIB))}")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_conditional_write_whose_answer_is_lost_is_made_again(
    aws: LocalAws, stack: Stack, when: str
) -> None:
    aws.faults(calls=[{**CONDITIONAL, "what": "dropped", "when": when}])

    assert stack.create() == "CREATE_COMPLETE"
    assert aws.fault_strikes() == {"calls[0]": 1}
    assert len(starts(aws)) == 1


def test_a_start_that_answers_later_than_the_client_waits_is_found_and_not_made_again(
    aws: LocalAws, stack: Stack
) -> None:
    late = {"api": "StartThingRegistrationTask", "code": None, "when": "after", "latency": 12.0}
    aws.faults(calls=[{**late, "next": 1}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1
