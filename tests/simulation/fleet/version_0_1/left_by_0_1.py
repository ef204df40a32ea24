"""A stack of version 0.1: the template that it synthesized, and what it left in the bucket."""

from __future__ import annotations

import hashlib
import io
import json
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.simulation.assembly import ASSETS
from tests.simulation.aws import Aws
from tests.simulation.stacks import ENDED, Stack
from tests.simulation.waiting import until

SYNTHESIZED = json.loads((Path(__file__).parent / "Fleet.template.json").read_text())
# Its Lambda is not kept here: this one answers what CloudFormation asks, and registers nothing.
ANSWERS = """
import json
import urllib.request


def handler(event, context):
    names = ("TaskId", "Status", "SuccessCount", "FailureCount", "ReportsUri")
    ids = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    physical = event.get("PhysicalResourceId", event["LogicalResourceId"])
    answer = {"Status": "SUCCESS", "PhysicalResourceId": physical, **ids}
    body = json.dumps({**answer, "Data": dict.fromkeys(names, "-")}).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT"))
"""


class LeftBy01:
    """A stack that version 0.1 has deployed, and that is updated by today's version.

    Args:
        stack: as it is synthesized today; its devices are those that were registered.
    """

    def __init__(self, stack: Stack) -> None:
        self.aws: Aws = stack.aws
        self.stack = stack
        self._today = stack.template
        first = SYNTHESIZED["Resources"]["Task79114B6B"]["Properties"]["InputHash"]
        text = json.dumps(SYNTHESIZED).replace(first, stack.property("InputHash"))
        self._first: dict[str, Any] = json.loads(text)

    def create(self) -> None:
        """Deploy what version 0.1 has synthesized."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("on_event.py", ANSWERS)
            zipped.writestr("worker.py", ANSWERS)
        self.stack.template = self._first
        key = code_key(self.stack)
        self.aws.client("s3").put_object(Bucket=ASSETS, Key=key, Body=archive.getvalue())
        assert self.stack.create() == "CREATE_COMPLETE"
        self.bucket = self.stack.physical_ids(["AWS::S3::Bucket"])[0]
        self.prefix: str = self.stack.property("KeyPrefix")

    def register(
        self, devices: Iterable[Mapping[str, object]], template: Mapping[str, Any] | None = None
    ) -> str:
        """Register the devices as version 0.1 did, and leave what it left; return the task's id."""
        task_id = self.start(devices, template)
        iot = self.aws.client("iot")
        task = until(
            "the end of the task",
            lambda: iot.describe_thing_registration_task(taskId=task_id),
            lambda task: task["status"] in ENDED,
        )
        self._remember(task)
        for number, link in enumerate(self._links(task_id)):
            with urllib.request.urlopen(link) as report:
                self._write(f"{self.prefix}reports/{task_id}/RESULTS-{number}.jsonl", report.read())
        return task_id

    def start(
        self, devices: Iterable[Mapping[str, object]], template: Mapping[str, Any] | None = None
    ) -> str:
        """Start a task as version 0.1 did; return its id."""
        request_id, sent_at = str(uuid.uuid4()), time.time()
        key = f"{self.prefix}input/{request_id}.jsonl"
        body = json.dumps(template) if template else self.stack.property("TemplateBody")
        self._put(key, *devices)
        iot = self.aws.client("iot")
        task_id: str = iot.start_thing_registration_task(
            templateBody=body,
            inputFileBucket=self.bucket,
            inputFileKey=key,
            roleArn=self._role_arn(),
        )["taskId"]
        start = {"input_key": key, "sent_at": sent_at, "task_id": task_id}
        claim = {"request_id": request_id, "received_at": sent_at, "answered": True, "quiet_at": 0}
        self._put(f"{self.prefix}claim.json", {**claim, "last_start": start})
        self._remember(iot.describe_thing_registration_task(taskId=task_id))
        return task_id

    def declare_today(self) -> None:
        """Let the next update be that to today's version."""
        self.stack.template = self._today

    def remove(self, what: str = "") -> None:
        """Remove what was left, or only what has this in its key."""
        s3 = self.aws.client("s3")
        for item in s3.list_objects_v2(Bucket=self.bucket)["Contents"]:
            if what in item["Key"]:
                s3.delete_object(Bucket=self.bucket, Key=item["Key"])

    def seeded(self) -> list[dict[str, Any]]:
        """Return the entries that the inventory was seeded with."""
        s3 = self.aws.client("s3")
        prefix = f"{self.prefix}inventory/0000000000000-"
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        bodies = [s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"] for item in listed]
        return [json.loads(line) for body in bodies for line in body.read().splitlines()]

    def _remember(self, task: Mapping[str, Any]) -> None:
        parts = [task["templateBody"], self.stack.property("InputHash"), self._role_arn()]
        record = {
            "task_id": task["taskId"],
            "fingerprint": hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
            "status": task["status"],
            "success_count": task["successCount"],
            "failure_count": task["failureCount"],
            "succeeded": task["status"] == "Completed" and not task["failureCount"],
        }
        self._put(f"{self.prefix}last-task.json", record)

    def _role_arn(self) -> str:
        (role,) = [
            name for name in self.stack.physical_ids(["AWS::IAM::Role"]) if "TaskRole" in name
        ]
        arn: str = self.aws.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        return arn

    def _links(self, task_id: str) -> list[str]:
        pages = self.aws.client("iot").get_paginator("list_thing_registration_task_reports")
        found = pages.paginate(taskId=task_id, reportType="RESULTS")
        return [link for page in found for link in page["resourceLinks"]]

    def _put(self, key: str, *documents: Mapping[str, Any]) -> None:
        self._write(key, b"".join(json.dumps(each).encode() + b"\n" for each in documents))

    def _write(self, key: str, body: bytes) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)


def code_key(stack: Stack) -> str:
    """Return where the code of a stack's Lambdas lies."""
    (key,) = {
        resource["Properties"]["Code"]["S3Key"]
        for resource in stack.template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    return str(key)
