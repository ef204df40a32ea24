"""What CloudFormation asks for: one custom-resource request, parsed once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.state.order import Moment, moment
from thing_registration_worker.timing import EMPTYING_TIMEOUT, STOPPING_TIMEOUT


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
    #: When the event came, in epoch seconds.
    received_at: float = 0

    @classmethod
    def from_event(cls, event: Mapping[str, Any], received_at: float) -> "Request":
        """Read the event as CloudFormation sends it.

        Args:
            event: the event.
            received_at: when it came, in epoch seconds.
        """
        return cls(
            kind=event["RequestType"],
            request_id=event["RequestId"],
            stack_id=event["StackId"],
            logical_id=event["LogicalResourceId"],
            answer_ids=answer_ids(event),
            response_url=event["ResponseURL"],
            declaration=Declaration.from_properties(event["ResourceProperties"]),
            old_declaration=_old_declaration(event.get("OldResourceProperties", {})),
            received_at=received_at,
        )

    @property
    def sent(self) -> Moment:
        """When CloudFormation has sent it."""
        return moment(self.response_url, self.received_at)

    @property
    def owner(self) -> Owner:
        """The resource, as the owner of its state."""
        return Owner.of(self.stack_id, self.logical_id)

    @property
    def deadline(self) -> float:
        """When it is given up, in epoch seconds."""
        return self.received_at + self.timeout

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
