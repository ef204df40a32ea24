"""A synthesized stack that lives on a local AWS, driven through CloudFormation's API."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.config import Config

from tests.simulation.aws import Aws
from tests.simulation.devices import fleet
from tests.simulation.waiting import until

RESOURCE_TYPE = "Custom::ThingRegistrationTask"
# All that change with a file.
FILE_PROPERTIES = ("SourceKey", "InputHash", "DeviceCount")
ENDED = ("Completed", "Failed", "Cancelled")


class Stack:
    """One stack. Its template stays as a test has changed it, for the next operation too.

    Args:
        aws: where it lives.
        name: of the stack.
        template: as synthesized.
        note: is told the status at the end of each operation.
    """

    def __init__(
        self, aws: Aws, name: str, template: dict[str, Any], note: Callable[[str], None]
    ) -> None:
        self.aws = aws
        self.name = name
        self.template = copy.deepcopy(template)
        self._note = note
        # The faults strike the test's own calls as well.
        patient = Config(retries={"mode": "standard", "total_max_attempts": 15})
        self._cloudformation = aws.client("cloudformation", config=patient)
        self._id = name
        self.files = 0

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """The resources with a registration task, by logical id."""
        return {
            logical_id: resource
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] == RESOURCE_TYPE
        }

    def declare(self, **properties: Any) -> None:
        """Change properties of each task."""
        for resource in self.tasks.values():
            resource["Properties"].update(properties)

    def property(self, name: str) -> Any:
        """A property of the first task."""
        return next(iter(self.tasks.values()))["Properties"][name]

    def replace(self, old: str, new: str) -> None:
        """Replace a text everywhere in the template."""
        self.template = json.loads(json.dumps(self.template).replace(old, new))

    def retain(self) -> None:
        """Leave the bucket and what is in it when the stack is deleted."""
        self.declare(EmptyOnDelete="false")
        for resource in self.template["Resources"].values():
            if resource["Type"] == "AWS::S3::Bucket":
                resource["DeletionPolicy"] = "Retain"

    def declare_new_file(self, body: bytes | None = None, count: int = 3) -> bytes:
        """Let the first task read another input file, by default one with fresh devices."""
        self.files += 1
        content = fleet(f"{self.name}-{self.files}", count) if body is None else body
        properties = next(iter(self.tasks.values()))["Properties"]
        old, new = properties["InputHash"], hashlib.sha256(content).hexdigest()
        # The key also stands in the worker's policy.
        self.replace(old, new)
        declared = next(iter(self.tasks.values()))["Properties"]
        declared["DeviceCount"] = str(len(content.splitlines()))
        bucket, key = properties["SourceBucket"], f"{new}.jsonl"
        self.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return content

    def declare_devices(self, devices: Iterable[Mapping[str, object]]) -> bytes:
        """Let the first task read a file with exactly these devices."""
        lines = [json.dumps(device).encode() + b"\n" for device in devices]
        return self.declare_new_file(b"".join(lines))

    def devices(self) -> list[dict[str, str]]:
        """Return the devices of the file that the first task reads."""
        source = {"Bucket": self.property("SourceBucket"), "Key": self.property("SourceKey")}
        body = self.aws.client("s3").get_object(**source)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]

    def device(self, thing_name: str) -> dict[str, str]:
        """Return a device of the file that the first task reads, by its name."""
        (found,) = [each for each in self.devices() if each["ThingName"] == thing_name]
        return found

    def declare_template(self, template: Mapping[str, Any]) -> None:
        """Let the first task use another provisioning template."""
        next(iter(self.tasks.values()))["Properties"]["TemplateBody"] = json.dumps(template)

    def counts(self, task: str = "Task") -> dict[str, int]:
        """Return what a task says of its devices, from the stack's outputs."""
        outputs = self.outputs()
        names = ("Succeeded", "Failed", "Registered", "Unchanged", "Removed")
        return {name: int(outputs[f"{task}{name}"]) for name in names}

    def declare_failing_resource(self) -> None:
        """Add a resource that fails after the tasks have succeeded."""
        lambdas = f"arn:aws:lambda:{self.aws.region}:{self.aws.account}:function"
        self.template["Resources"]["Fails"] = {
            "Type": "Custom::Fails",
            "Properties": {"ServiceToken": f"{lambdas}:missing"},
            "DependsOn": list(self.tasks),
        }

    def begin_create(self) -> None:
        """Send CreateStack."""
        self._id = self._cloudformation.create_stack(
            StackName=self.name,
            TemplateBody=json.dumps(self.template),
            Capabilities=["CAPABILITY_IAM"],
        )["StackId"]

    def begin_update(self) -> None:
        """Send UpdateStack."""
        self._cloudformation.update_stack(
            StackName=self.name,
            TemplateBody=json.dumps(self.template),
            Capabilities=["CAPABILITY_IAM"],
        )

    def begin_delete(self) -> None:
        """Send DeleteStack."""
        self._cloudformation.delete_stack(StackName=self.name)

    def cancel(self) -> None:
        """Do what a user does who has thought better of it; nothing where nothing is under way."""
        status = self.status()
        if status == "UPDATE_IN_PROGRESS":
            self._cloudformation.cancel_update_stack(StackName=self.name)
        elif status == "CREATE_IN_PROGRESS":
            self.begin_delete()

    def create(self, seconds: float | None = None) -> str:
        """Create the stack; the status it came to."""
        self.begin_create()
        return self.end(seconds)

    def update(self, seconds: float | None = None) -> str:
        """Update the stack; the status it came to."""
        self.begin_update()
        return self.end(seconds)

    def delete(self, seconds: float | None = None) -> str:
        """Delete the stack; the status it came to."""
        self.begin_delete()
        return self.end(seconds)

    def end(self, seconds: float | None = None) -> str:
        """Wait for the end of the operation that has begun; the status it came to."""
        status = until(
            f"the end of the operation on stack {self.name}",
            self.status,
            lambda status: not status.endswith("IN_PROGRESS"),
            seconds,
        )
        self._note(status)
        return status

    def status(self) -> str:
        """The stack's status now."""
        stacks = self._cloudformation.describe_stacks(StackName=self._id)["Stacks"]
        return str(stacks[0]["StackStatus"])

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        stacks = self._cloudformation.describe_stacks(StackName=self._id)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}

    def reasons(self) -> list[str]:
        """Why tasks have failed, the oldest first, as `cdk deploy` shows it."""
        events = self._cloudformation.describe_stack_events(StackName=self._id)["StackEvents"]
        return [
            event["ResourceStatusReason"]
            for event in reversed(events)
            if event["ResourceType"] == RESOURCE_TYPE and event["ResourceStatus"].endswith("FAILED")
        ]

    def reason(self) -> str:
        """Why the only task that failed did."""
        (reason,) = self.reasons()
        return reason

    def physical_ids(self, types: Iterable[str]) -> list[str]:
        """The names of the stack's resources of these types."""
        resources = self._cloudformation.describe_stack_resources(StackName=self._id)
        return [
            resource["PhysicalResourceId"]
            for resource in resources["StackResources"]
            if resource["ResourceType"] in types
        ]
