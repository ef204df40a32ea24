"""Requests that a test sends itself, where CloudFormation would not send them at that moment."""

from __future__ import annotations

import json
import uuid
from typing import Any

from tests.simulation.aws import Aws
from tests.simulation.registry import Registry
from tests.simulation.sent_lines import SentFiles
from tests.simulation.stacks import FILE_PROPERTIES, Stack
from tests.simulation.waiting import until

BUCKET = "answers"


class ByHand:
    """Sends events to the Lambda of a stack, like the last one that CloudFormation has sent.

    `sent` holds the requests by id; `superseded` the ids of CloudFormation's that they supersede;
    `certificates` the ids of certificates that the test made beside others of the same key.
    """

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.sent: dict[str, dict[str, Any]] = {}
        self.superseded: set[str] = set()
        self.certificates: set[str] = set()
        self.registry = Registry(aws)
        self.sent_files = SentFiles(aws)

    def supersede(self, stack: Stack) -> str:
        """Send an Update with a fresh file while the last request is under way; its id."""
        last = self.aws.journal("event")[-1]
        self.superseded.add(last["request_id"])
        stack.declare_new_file()
        declared = next(iter(stack.tasks.values()))["Properties"]
        changed = {name: declared[name] for name in FILE_PROPERTIES}
        return self.send("Update", last["physical_id"], last["properties"], **changed)

    def send(self, kind: str, physical_id: str, old: dict[str, Any], **changed: Any) -> str:
        """Send an event; the request's id. As on AWS, its ResponseURL is a presigned S3 link."""
        last = self.aws.journal("event")[-1]
        s3 = self.aws.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        request_id = str(uuid.uuid4())
        properties = {**old, **changed}
        event = {
            "RequestType": kind,
            "RequestId": request_id,
            "ResponseURL": s3.generate_presigned_url(
                "put_object", {"Bucket": BUCKET, "Key": request_id}
            ),
            "ServiceToken": last["function"],
            "StackId": last["stack_id"],
            "LogicalResourceId": last["logical_id"],
            "PhysicalResourceId": physical_id,
            "ResourceType": last["resource_type"],
            "ResourceProperties": properties,
            "OldResourceProperties": old,
        }
        self.sent[request_id] = {**last, "request_type": kind, "properties": properties}
        self.aws.client("lambda").invoke(
            FunctionName=last["function"], InvocationType="Event", Payload=json.dumps(event)
        )
        return request_id

    def answered(self) -> list[str]:
        """Return the requests of `send` that are answered."""
        listed = self.aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [item["Key"] for item in listed]

    def answer_to(self, request_id: str) -> dict[str, Any]:
        """Wait for the answer to a request."""
        until(f"an answer to {request_id}", self.answered, lambda keys: request_id in keys)
        s3 = self.aws.client("s3")
        answer: dict[str, Any] = json.load(s3.get_object(Bucket=BUCKET, Key=request_id)["Body"])
        return answer
