"""What CloudFormation asks for: one custom-resource request, parsed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import Keys
from timing import EMPTYING_TIMEOUT, STOPPING_TIMEOUT


@dataclass(frozen=True)
class Declaration:
    """The resource's properties: which devices there are and how to run their registration.

    CloudFormation turns every property into a string; they are typed again here and nowhere else.
    """

    template_body: str
    #: The input file where the user or the deployment put it, before it is copied to our prefix.
    input_bucket: str
    input_key: str
    input_hash: str
    bucket: str
    keys: Keys
    role_arn: str
    timeout: int
    max_failures: str
    empty_on_delete: bool
    prerequisite_names: Mapping[str, list[str]]
    #: How many lines the input file has; 0 where it is counted when it is copied.
    lines: int

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> "Declaration":
        """Read the properties as the construct writes them."""
        return cls(
            template_body=properties["TemplateBody"],
            input_bucket=properties["SourceBucket"],
            input_key=properties["SourceKey"],
            input_hash=properties["InputHash"],
            bucket=properties["Bucket"],
            keys=Keys(properties["KeyPrefix"]),
            role_arn=properties["RoleArn"],
            timeout=int(properties["TimeoutSeconds"]),
            max_failures=properties["MaxFailures"],
            empty_on_delete=properties["EmptyOnDelete"] == "true",
            prerequisite_names=json.loads(properties["Prerequisites"]),
            lines=int(properties.get("Lines", "0")),
        )

    def reports_uri(self, task_id: str) -> str:
        """Return where the task's reports are kept, for the user."""
        return f"s3://{self.bucket}/{self.keys.reports(task_id)}"


@dataclass(frozen=True)
class Request:
    """One Create, Update or Delete.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
    """

    kind: str
    request_id: str
    stack_id: str
    logical_id: str
    answer_ids: Mapping[str, str]
    response_url: str
    declaration: Declaration
    #: What an update changes; None where there is nothing before, or not in full.
    old_declaration: Declaration | None
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
            answer_ids=answer_ids(event),
            response_url=event["ResponseURL"],
            declaration=Declaration.from_properties(event["ResourceProperties"]),
            old_declaration=_old_declaration(event.get("OldResourceProperties", {})),
            fingerprint=fingerprint(event["ResourceProperties"]),
            old_fingerprint=fingerprint(event.get("OldResourceProperties", {})),
        )

    @property
    def moved_from(self) -> Declaration | None:
        """What the update has moved from another bucket or prefix; None where it has not."""
        old, new = self.old_declaration, self.declaration
        if old is None or (old.bucket, old.keys) == (new.bucket, new.keys):
            return None
        return old

    @property
    def timeout(self) -> int:
        """How many seconds the request may take before it is given up."""
        if self.kind != "Delete":
            return self.declaration.timeout
        if self.declaration.empty_on_delete:
            return EMPTYING_TIMEOUT
        return self.declaration.timeout + STOPPING_TIMEOUT

    @property
    def task_input_key(self) -> str:
        """The object that the task reads: unique to this request, so that its task can be found."""
        return self.declaration.keys.input(self.request_id)


def answer_ids(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the members by which CloudFormation knows what an answer is for.

    The physical id stays the same for the life of the resource: CloudFormation deletes the old
    resource after an update that changes it.
    """
    stack = hashlib.sha256(event["StackId"].encode()).hexdigest()[:12]
    first = f"{event['LogicalResourceId']}-{stack}"
    return {
        "PhysicalResourceId": str(event.get("PhysicalResourceId", first)),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }


def _old_declaration(properties: Mapping[str, str]) -> Declaration | None:
    """Read the properties of before an update, perhaps those of an older version."""
    try:
        return Declaration.from_properties(properties)
    except KeyError:
        return None


def fingerprint(properties: Mapping[str, str]) -> str:
    """Return a hash that changes exactly when a new task has to run: template, input or role.

    Old properties may be those of an older version of this library: what they lack is empty.
    """
    parts = [properties.get(name, "") for name in ("TemplateBody", "InputHash", "RoleArn")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
