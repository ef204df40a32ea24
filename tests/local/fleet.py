"""What most tests do with a local AWS."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local import LocalAws
from local.simulation import SimulatedAws

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
    """A certificate signing request for a fresh P-256 key, PEM; in a simulation, of its seed."""
    secret = int.from_bytes(os.urandom(31), "big")
    return signed_csr(ec.derive_private_key(secret, ec.SECP256R1()), name)


def signed_csr(key: Any, name: str = "device") -> str:
    """A certificate signing request for a key, PEM."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
    signed = request.sign(key, hashes.SHA256(), ecdsa_deterministic=True if is_ec else None)
    return signed.public_bytes(serialization.Encoding.PEM).decode()


class Fleet:
    """A bucket, a role and the five calls."""

    def __init__(self, aws: LocalAws | SimulatedAws, bucket: str = BUCKET) -> None:
        self.aws = aws
        self.bucket = bucket
        once = Config(retries={"total_max_attempts": 1})
        self.iot = aws.client("iot", config=once)
        self.s3 = aws.client("s3")
        self.iam = aws.client("iam")
        self.s3.create_bucket(Bucket=bucket)
        self.role_arn = self.new_role(ROLE)

    def new_role(self, name: str, trust: Any = TRUST, *, reads: bool = True) -> str:
        """A role like the one a user would give to a task."""
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        self.iam.attach_role_policy(RoleName=name, PolicyArn=MANAGED_POLICY)
        if reads:
            statement = {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{self.bucket}/*",
            }
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            self.iam.put_role_policy(
                RoleName=name, PolicyName="input", PolicyDocument=json.dumps(policy)
            )
        return f"arn:aws:iam::{self.aws.account}:role/{name}"

    def upload(self, key: str, lines: list[Any]) -> None:
        """An input file; a line that is bytes is taken as it is."""
        encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        self.s3.put_object(
            Bucket=self.bucket, Key=key, Body=b"".join(line + b"\n" for line in encoded)
        )

    def start(
        self, lines: list[Any] | None = None, template: Any = THING_TEMPLATE, **over: Any
    ) -> str:
        """Start a task; its id."""
        key = over.pop("key", f"devices-{time.monotonic_ns()}.jsonl")
        if lines is not None:
            self.upload(key, lines)
        request = {
            "templateBody": template if isinstance(template, str) else json.dumps(template),
            "inputFileBucket": self.bucket,
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
        task: dict[str, Any] = eventually(
            lambda: self.describe(task_id),
            lambda task: task["status"] in ("Completed", "Failed", "Cancelled"),
        )
        return task

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


def template(
    overrides: dict[str, str] | None = None,
    certificate: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    certificate_overrides: dict[str, str] | None = None,
    **properties: Any,
) -> dict[str, Any]:
    """A template for a thing, and for a certificate and a policy where they are given."""
    resources: dict[str, Any] = {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {"ThingName": {"Ref": "ThingName"}, **properties},
            "OverrideSettings": overrides or {},
        }
    }
    if certificate is not None:
        resources["certificate"] = {
            "Type": "AWS::IoT::Certificate",
            "Properties": certificate,
            "OverrideSettings": certificate_overrides or {},
        }
    if policy is not None:
        resources["policy"] = {"Type": "AWS::IoT::Policy", "Properties": policy}
    names = ("ThingName", "CSR", "CertificateId", "CertificatePem")
    return {"Parameters": {name: {"Type": "String"} for name in names}, "Resources": resources}


def register(fleet: Fleet, body: Any, **values: str) -> dict[str, Any]:
    """RegisterThing."""
    answer: dict[str, Any] = fleet.iot.register_thing(
        templateBody=json.dumps(body), parameters=values
    )
    return answer


def eventually(
    ask: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 120, every: float = 0.05
) -> Any:
    """Ask until the answer is as wanted."""
    return answers_until(ask, done, seconds, every)[-1]


def answers_until(
    ask: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 120, every: float = 0.05
) -> list[Any]:
    """Ask until the answer is as wanted, and return all answers."""
    end = time.monotonic() + seconds
    answers = [ask()]
    while not done(answers[-1]):
        assert time.monotonic() < end, f"still: {answers[-1]}"
        time.sleep(every)
        answers.append(ask())
    return answers
