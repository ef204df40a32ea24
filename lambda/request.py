"""What CloudFormation asks for: one custom-resource request, parsed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Declaration:
    """The resource's properties: which devices there are and how to run their registration.

    CloudFormation turns every property into a string; they are typed again here and nowhere else.
    """

    template_body: str
    source_bucket: str
    source_key: str
    input_hash: str
    bucket: str
    key_prefix: str
    role_arn: str
    timeout: int
    max_failures: str
    empty_on_delete: bool
    prerequisites: Mapping[str, list[str]]

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> "Declaration":
        """Read the properties as the construct writes them."""
        return cls(
            template_body=properties["TemplateBody"],
            source_bucket=properties["SourceBucket"],
            source_key=properties["SourceKey"],
            input_hash=properties["InputHash"],
            bucket=properties["Bucket"],
            key_prefix=properties["KeyPrefix"],
            role_arn=properties["RoleArn"],
            timeout=int(properties["TimeoutSeconds"]),
            max_failures=properties["MaxFailures"],
            empty_on_delete=properties["EmptyOnDelete"] == "true",
            prerequisites=json.loads(properties["Prerequisites"]),
        )

    def reports_prefix(self, task_id: str) -> str:
        """Return where the task's reports are kept."""
        return f"{self.key_prefix}reports/{task_id}/"

    @property
    def last_task_key(self) -> str:
        """The object that remembers the last task that ran for this resource."""
        return f"{self.key_prefix}last-task.json"


@dataclass(frozen=True)
class Request:
    """One Create, Update or Delete.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
    """

    kind: str
    request_id: str
    stack_id: str
    logical_id: str
    physical_id: str
    response_url: str
    declaration: Declaration
    fingerprint: str
    old_fingerprint: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Request":
        """Read the event as CloudFormation sends it."""
        return cls(
            kind=event["RequestType"],
            request_id=event["RequestId"],
            stack_id=event["StackId"],
            logical_id=event["LogicalResourceId"],
            physical_id=physical_id(event),
            response_url=event["ResponseURL"],
            declaration=Declaration.from_properties(event["ResourceProperties"]),
            fingerprint=fingerprint(event["ResourceProperties"]),
            old_fingerprint=fingerprint(event.get("OldResourceProperties", {})),
        )

    @property
    def input_key(self) -> str:
        """The object the task reads: unique to this request, so that its task can be found."""
        return f"{self.declaration.key_prefix}input/{self.request_id}.jsonl"


def physical_id(event: Mapping[str, Any]) -> str:
    """Return the id that stays the same for the life of the resource.

    A changed id would make CloudFormation delete the old one after an update.
    """
    if "PhysicalResourceId" in event:
        return str(event["PhysicalResourceId"])
    stack = hashlib.sha256(event["StackId"].encode()).hexdigest()[:12]
    return f"{event['LogicalResourceId']}-{stack}"


def fingerprint(properties: Mapping[str, str]) -> str:
    """Return what changes exactly when a new task has to run: template, input or role.

    Old properties may be those of an older version of this library: what they lack is empty.
    """
    parts = [properties.get(name, "") for name in ("TemplateBody", "InputHash", "RoleArn")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
