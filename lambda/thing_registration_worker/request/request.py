"""What CloudFormation asks for: one custom-resource request, parsed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thing_registration_worker.state.object_keys import Keys
from thing_registration_worker.timing import EMPTYING_TIMEOUT, STOPPING_TIMEOUT


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
    #: What is done about the names that the devices refer to: CREATE, VERIFY or ASSUME.
    prerequisites: str
    #: The documents of the policies that CREATE makes, by name; `*` is that of all others.
    policy_documents: Mapping[str, Any]
    things_per_second: float
    #: Another text compares every device with AWS's registry itself.
    rerun: str
    source_version_id: str
    #: What becomes of devices that leave the file, or whose stack is deleted: NEVER, REMOVED_LINES
    #: or ALL.
    deregister: str
    #: How many devices an update may retire; None for the default.
    max_deregistered: int | None
    #: Whether what was found is ours as well.
    claim_existing: bool

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
            prerequisites=properties.get("PrerequisiteMode", "ASSUME"),
            policy_documents=json.loads(properties.get("PolicyDocuments", "{}")),
            things_per_second=float(properties.get("ThingsPerSecond", "10")),
            rerun=properties.get("Rerun", ""),
            source_version_id=properties.get("SourceVersionId", ""),
            deregister=properties.get("Deregister", "NEVER"),
            max_deregistered=int(properties["MaxDeregistered"])
            if "MaxDeregistered" in properties
            else None,
            claim_existing=properties.get("ClaimExisting") == "true",
        )

    @property
    def input_uri(self) -> str:
        """Where the user's input file is."""
        return f"s3://{self.input_bucket}/{self.input_key}"

    def reports_uri(self, request_id: str) -> str:
        """Return where the reports of the request's run are kept, for the user."""
        return f"s3://{self.bucket}/{self.keys.run(request_id)}"


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
        if self.declaration.empty_on_delete or self.declaration.deregister == "ALL":
            return EMPTYING_TIMEOUT
        return self.declaration.timeout + STOPPING_TIMEOUT

    @property
    def task_inputs(self) -> str:
        """The prefix of what this request's tasks read, so that its tasks can be found."""
        return self.declaration.keys.input(self.request_id)

    @property
    def certificate_arn_prefix(self) -> str:
        """What stands before the id in the ARN of a certificate of this account and Region."""
        _, partition, _, region, account, *_ = self.stack_id.split(":")
        return f"arn:{partition}:iot:{region}:{account}:cert/"

    @property
    def rerun(self) -> bool:
        """Whether every device is to be compared with AWS's registry itself."""
        before = self.old_declaration.rerun if self.old_declaration else ""
        return bool(self.declaration.rerun) and self.declaration.rerun != before


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
