"""What a resource declares: which devices there are, and how to run their registration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thing_registration_worker.fleet.template import Template, template
from thing_registration_worker.state.object_keys import ObjectKeys


@dataclass(frozen=True)
class OtherInput:
    """The input file of another task of the same stack, and how its lines are read.

    Attributes:
        task: the other task, by its construct's path or logical id.
        bucket, key, version_id: where its file is.
        template: of its provisioning template, what says a device's name and certificate.
    """

    task: str
    bucket: str
    key: str
    version_id: str
    template: str

    @classmethod
    def all_of(cls, text: str) -> "tuple[OtherInput, ...]":
        """Read the property that has them all."""
        return tuple(
            cls(
                each["Task"],
                each["Bucket"],
                each["Key"],
                each.get("VersionId", ""),
                each["Template"],
            )
            for each in json.loads(text)
        )


@dataclass(frozen=True)
class Declaration:
    """The resource's properties.

    CloudFormation turns every property into a string; they are typed again here and nowhere else.
    """

    template_body: str
    #: The input file where the user or the deployment put it, before it is copied to our prefix.
    input_bucket: str
    input_key: str
    input_hash: str
    bucket: str
    keys: ObjectKeys
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
    #: Whose state this resource takes over, as `STACK/LOGICAL_ID`; empty for nobody's.
    take_over: str
    #: What the other tasks of the stack declare: their devices are not retired.
    other_inputs: tuple[OtherInput, ...]

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> "Declaration":
        """Read the properties as the construct writes them."""
        return cls(
            template_body=properties["TemplateBody"],
            input_bucket=properties["SourceBucket"],
            input_key=properties["SourceKey"],
            input_hash=properties["InputHash"],
            bucket=properties["Bucket"],
            keys=ObjectKeys(properties["KeyPrefix"]),
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
            take_over=properties.get("TakeOver", ""),
            other_inputs=OtherInput.all_of(properties.get("OtherInputs", "[]")),
        )

    @property
    def template(self) -> Template:
        """The provisioning template."""
        return template(self.template_body)

    @property
    def input_uri(self) -> str:
        """Where the user's input file is."""
        return f"s3://{self.input_bucket}/{self.input_key}"

    def reports_uri(self, request_id: str) -> str:
        """Return where the reports of the request's run are kept, for the user."""
        return f"s3://{self.bucket}/{self.keys.run(request_id)}"
