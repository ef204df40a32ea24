"""Deletions that empty the bucket."""

import json

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


def test_a_deletion_waits_for_what_an_aborted_call_still_writes_and_deletes_it_too(
    aws: Aws, stack: Stack
) -> None:
    stack.declare(ServiceTimeout="150", TimeoutSeconds="3")
    slow = {"service": "s3", "api": "CopyObject", "code": None, "latency": 20.0, "next": 1}
    aws.faults(calls=[slow], executions_lag_seconds=60)
    stack.begin_create()
    until("a slow copy", lambda: aws.fault_strikes()["calls[0]"], bool)
    stack.begin_delete()

    assert stack.end() == "DELETE_COMPLETE"
    assert not starts(aws)


def test_a_deletion_empties_the_bucket_in_several_calls(aws: Aws, stack: Stack) -> None:
    stack.create()
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    s3 = aws.client("s3")
    prefix = stack.property("KeyPrefix")
    for number in range(1200):
        s3.put_object(Bucket=bucket, Key=f"{prefix}runs/{number:04}", Body=b"")
    slow = {"service": "s3", "api": "DeleteObjects", "code": None, "latency": 46.0, "next": 1}
    aws.faults(calls=[slow])

    assert stack.delete() == "DELETE_COMPLETE"
    answers = [json.loads(answer["body"]) for answer in aws.journal("answer")]
    assert [answer["Status"] for answer in answers] == ["SUCCESS", "SUCCESS"]
