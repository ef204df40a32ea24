"""A local AWS for each test file, and what most tests do with it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local import LocalAws

BUCKET = "input-files"
ROLE = "Registration"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "iot.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
MANAGED_POLICY = "arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration"
THING_TEMPLATE = {
    "Parameters": {"ThingName": {"Type": "String"}},
    "Resources": {
        "thing": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "ThingName"}}}
    },
}


def new_csr(name: str = "device") -> str:
    """A certificate signing request for a fresh P-256 key, PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


class Fleet:
    """A bucket, a role and the five calls."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        once = Config(retries={"total_max_attempts": 1})
        self.iot = aws.client("iot", config=once)
        self.s3 = aws.client("s3")
        self.iam = aws.client("iam")
        self.s3.create_bucket(Bucket=BUCKET)
        self.role_arn = self.new_role(ROLE)

    def new_role(self, name: str, trust: Any = TRUST, *, reads: bool = True) -> str:
        """A role like the one a user would give to a task."""
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        self.iam.attach_role_policy(RoleName=name, PolicyArn=MANAGED_POLICY)
        if reads:
            statement = {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/*",
            }
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            self.iam.put_role_policy(
                RoleName=name, PolicyName="input", PolicyDocument=json.dumps(policy)
            )
        return f"arn:aws:iam::{self.aws.account}:role/{name}"

    def upload(self, key: str, lines: list[Any]) -> None:
        """An input file; a line that is bytes is taken as it is."""
        encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=b"".join(line + b"\n" for line in encoded))

    def start(
        self, lines: list[Any] | None = None, template: Any = THING_TEMPLATE, **over: Any
    ) -> str:
        """Start a task; its id."""
        key = over.pop("key", f"devices-{time.monotonic_ns()}.jsonl")
        if lines is not None:
            self.upload(key, lines)
        request = {
            "templateBody": template if isinstance(template, str) else json.dumps(template),
            "inputFileBucket": BUCKET,
            "inputFileKey": key,
            "roleArn": self.role_arn,
            **over,
        }
        task_id: str = self.iot.start_thing_registration_task(**request)["taskId"]
        return task_id

    def describe(self, task_id: str) -> dict[str, Any]:
        """DescribeThingRegistrationTask."""
        described: dict[str, Any] = self.iot.describe_thing_registration_task(taskId=task_id)
        return described

    def finished(self, task_id: str) -> dict[str, Any]:
        """The description of a task once it has ended."""
        return eventually(
            lambda: self.describe(task_id),
            lambda task: task["status"] in ("Completed", "Failed", "Cancelled"),
        )

    def run(self, lines: list[Any], template: Any = THING_TEMPLATE, **over: Any) -> dict[str, Any]:
        """A task from start to end."""
        return self.finished(self.start(lines, template, **over))

    def links(self, task_id: str, kind: str) -> list[str]:
        """The links to a report."""
        pages = self.iot.get_paginator("list_thing_registration_task_reports").paginate(
            taskId=task_id, reportType=kind
        )
        return [link for page in pages for link in page["resourceLinks"]]

    def report(self, task_id: str, kind: str) -> list[dict[str, Any]]:
        """The lines of a report."""
        found = []
        for link in self.links(task_id, kind):
            with urllib.request.urlopen(link) as reply:
                found += [json.loads(line) for line in reply.read().splitlines()]
        return found

    def error_of(self, line: Any, template: Any = THING_TEMPLATE) -> dict[str, Any]:
        """The ERRORS line of a task with one line that fails."""
        task = self.run([line], template)
        assert (task["status"], task["failureCount"]) == ("Completed", 1)
        (error,) = self.report(task["taskId"], "ERRORS")
        return error


def eventually(
    ask: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 20, every: float = 0.05
) -> Any:
    """Ask until the answer is as wanted."""
    end = time.monotonic() + seconds
    while not done(answer := ask()):
        assert time.monotonic() < end, f"still: {answer}"
        time.sleep(every)
    return answer


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
