"""Calls that fail, are slow or get no answer when a test asks for it."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from http.client import IncompleteRead
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ResponseStreamingError

from local import LocalAws
from tests.local.fleet import Fleet, answers_until
from tests.local.state_machines import machine

pytestmark = pytest.mark.slow
ONCE = Config(retries={"total_max_attempts": 1})
DEVICES = [{"ThingName": f"device{n}"} for n in range(1, 6)]


def test_an_execution_may_not_start(aws: LocalAws) -> None:
    fault = {"service": "states", "api": "StartExecution", "code": "ServiceUnavailable", "next": 1}
    aws.faults(calls=[fault])
    states = aws.client("stepfunctions", config=ONCE)
    arn = machine(aws, "passes", {"Type": "Pass"})

    with pytest.raises(states.exceptions.ClientError, match="ServiceUnavailable"):
        states.start_execution(stateMachineArn=arn)
    assert states.start_execution(stateMachineArn=arn)["executionArn"]


def test_an_execution_starts_though_the_answer_is_lost(aws: LocalAws) -> None:
    fault = {"service": "states", "api": "StartExecution", "what": "dropped", "when": "after"}
    states = aws.client("stepfunctions", config=ONCE)
    arn = machine(aws, "passes-once", {"Type": "Pass"})
    aws.faults(calls=[{**fault, "next": 1}])

    with pytest.raises(ConnectionClosedError):
        states.start_execution(stateMachineArn=arn, name="lost")

    (found,) = states.list_executions(stateMachineArn=arn)["executions"]
    assert found["name"] == "lost"
    assert aws.fault_strikes() == {"calls[0]": 1}


def test_describing_stacks_can_fail(aws: LocalAws) -> None:
    fault = {"service": "cloudformation", "api": "DescribeStacks", "code": "Throttling", "next": 1}
    aws.faults(calls=[fault])
    cloudformation = aws.client("cloudformation", config=ONCE)

    with pytest.raises(cloudformation.exceptions.ClientError, match="Throttling"):
        cloudformation.describe_stacks()
    cloudformation.describe_stacks()


@pytest.mark.parametrize(
    ("api", "call"),
    [
        ("GetObject", lambda s3: s3.get_object(Bucket="denied", Key="x")),
        ("HeadObject", lambda s3: s3.head_object(Bucket="denied", Key="x")),
        ("ListObjectsV2", lambda s3: s3.list_objects_v2(Bucket="denied")),
        (
            "CopyObject",
            lambda s3: s3.copy_object(
                Bucket="denied", Key="y", CopySource={"Bucket": "denied", "Key": "x"}
            ),
        ),
    ],
)
def test_any_call_of_s3_is_denied_for_some_seconds(aws: LocalAws, api: str, call: Any) -> None:
    s3 = aws.client("s3", config=ONCE)
    aws.faults()
    s3.create_bucket(Bucket="denied")
    s3.put_object(Bucket="denied", Key="x", Body=b"x")
    fault = {"service": "s3", "api": api, "code": "AccessDenied", "status": 403, "seconds": 3}
    aws.faults(calls=[fault])

    *denied, _ = answers_until(lambda: refusal(lambda: call(s3)), lambda code: not code)
    assert len(denied) >= 2
    assert set(denied) <= {"403", "AccessDenied"}
    assert aws.fault_strikes() == {"calls[0]": len(denied)}


def refusal(call: Callable[[], object]) -> str:
    """The code with which AWS refuses a call; empty if it does not."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def test_an_object_is_stored_and_then_the_call_fails(aws: LocalAws) -> None:
    s3 = aws.client("s3", config=ONCE)
    aws.faults()
    s3.create_bucket(Bucket="stored")
    fault = {"service": "s3", "api": "PutObject", "code": "InternalError", "when": "after"}
    aws.faults(calls=[{**fault, "next": 1}])

    with pytest.raises(ClientError, match="InternalError"):
        s3.put_object(Bucket="stored", Key="x", Body=b"kept")

    assert s3.get_object(Bucket="stored", Key="x")["Body"].read() == b"kept"


def test_a_reports_download_is_cut_once_and_then_whole(fleet: Fleet) -> None:
    task = fleet.run(DEVICES)
    (link,) = fleet.links(task["taskId"], "RESULTS")
    fleet.aws.faults(downloads={"cut_after_bytes": 50, "next": 1})

    with urllib.request.urlopen(link) as reply:
        length = int(reply.headers["Content-Length"])
        with pytest.raises(IncompleteRead) as cut:
            reply.read()
    with urllib.request.urlopen(link) as reply:
        whole = reply.read()

    assert len(cut.value.partial) == 50
    assert whole.startswith(cut.value.partial)
    assert len(whole) == length
    assert fleet.aws.fault_strikes() == {"downloads": 1}


def test_a_download_of_another_object_is_cut_where_its_name_says_so(fleet: Fleet) -> None:
    fleet.upload("large.jsonl", DEVICES)
    fleet.aws.faults(downloads={"cut_after_bytes": 5, "next": 2, "object": r"large\.jsonl$"})

    body = fleet.s3.get_object(Bucket=fleet.bucket, Key="large.jsonl")["Body"]
    with pytest.raises(ResponseStreamingError, match="Connection broken"):
        body.read()
    fleet.upload("small.jsonl", DEVICES)
    assert fleet.s3.get_object(Bucket=fleet.bucket, Key="small.jsonl")["Body"].read()


def test_a_fault_of_s3_does_not_keep_aws_iot_from_writing_its_reports(fleet: Fleet) -> None:
    faults = [
        {"service": "s3", "api": api, "code": "AccessDenied", "status": 403, "seconds": 60}
        for api in ("PutObject", "HeadBucket", "CreateBucket")
    ]
    fleet.upload("devices.jsonl", DEVICES)
    fleet.aws.faults(throttling=False, calls=faults)

    task = fleet.finished(fleet.start(key="devices.jsonl"))

    assert len(fleet.report(task["taskId"], "RESULTS")) == len(DEVICES)
