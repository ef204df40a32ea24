"""A stack as it is deployed, its nested stacks, and the registration tasks in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References
from thing_registration.deployed.stack_tasks import NESTED_STACK_TYPE, StackTask, tasks_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# The status of a stack that was never deployed, and of those whose resources are gone.
_NOTHING_DEPLOYED = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE")
_GONE = ("DELETE_COMPLETE",)


@dataclass(frozen=True)
class DeployedStack:
    """One stack.

    Attributes:
        name: its name.
        stack_id: its ARN.
        status: its status, such as `UPDATE_COMPLETE`.
        template: what is deployed.
        references: what the references of that template stand for.
        outputs: its outputs.
        nested: its nested stacks, by logical id.
    """

    name: str
    stack_id: str
    status: str
    template: Mapping[str, Any]
    references: References
    outputs: Mapping[str, str]
    nested: Mapping[str, DeployedStack]

    @classmethod
    def read(cls, cloudformation: CloudFormationClient, name: str) -> DeployedStack | None:
        """Ask CloudFormation for a stack; None if there is none, or nothing of it is deployed.

        Args:
            cloudformation: the client.
            name: its name or ARN.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html

        Raises:
            ClientError: CloudFormation refuses to tell.
            CommandError: the template is not JSON.
        """
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise
        if stack["StackStatus"] in _NOTHING_DEPLOYED:
            return None
        answer = cloudformation.get_template(StackName=name, TemplateStage="Processed")
        template: Any = answer["TemplateBody"]
        if isinstance(template, str):
            try:
                template = json.loads(template)
            except ValueError:
                raise CommandError(f"the template of stack {name} is not JSON") from None
        known = _pseudo_parameters(stack["StackId"], stack["StackName"])
        for parameter in stack.get("Parameters", []):
            value = parameter.get("ResolvedValue", parameter.get("ParameterValue", ""))
            known[parameter["ParameterKey"]] = value
        nested = {}
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        for page in pages:
            for resource in page["StackResourceSummaries"]:
                physical_id = resource.get("PhysicalResourceId", "")
                if not physical_id or resource["ResourceStatus"] in _GONE:
                    continue
                logical_id = resource["LogicalResourceId"]
                known[logical_id] = physical_id
                if resource["ResourceType"] == NESTED_STACK_TYPE:
                    found = cls.read(cloudformation, physical_id)
                    if found is not None:
                        nested[logical_id] = found
                        for output, value in found.outputs.items():
                            known[f"{logical_id}.Outputs.{output}"] = value
        return cls(
            stack["StackName"],
            stack["StackId"],
            stack["StackStatus"],
            template,
            References(known, _Exports(cloudformation)),
            {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
            nested,
        )

    @cached_property
    def tasks(self) -> list[StackTask]:
        """Its registration tasks, and those of its nested stacks."""
        return list(self._tasks(self.name, ()))

    def _tasks(self, stack: str, within: tuple[str, ...]) -> Iterator[StackTask]:
        yield from tasks_of(stack, self.template, self.references, within, self.stack_id)
        for logical_id, nested in self.nested.items():
            yield from nested._tasks(stack, (*within, logical_id))

    @property
    def account(self) -> str:
        """The number of its account."""
        return self.references.known["AWS::AccountId"]

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be known of it, a sentence each."""
        if not self.status.endswith("_IN_PROGRESS"):
            return ()
        return (f"stack {self.name} is {self.status}: what it registers meanwhile may be missing",)


class _Exports:
    """The exports of the account's stacks in the Region, read when first needed."""

    def __init__(self, cloudformation: CloudFormationClient) -> None:
        self._cloudformation = cloudformation

    def __call__(self) -> Mapping[str, str]:
        return self._read

    @cached_property
    def _read(self) -> Mapping[str, str]:
        pages = self._cloudformation.get_paginator("list_exports").paginate()
        return {one["Name"]: one["Value"] for page in pages for one in page["Exports"]}


def _pseudo_parameters(stack_id: str, name: str) -> dict[str, str]:
    _, partition, _, region, account, *_ = stack_id.split(":")
    return {
        "AWS::StackId": stack_id,
        "AWS::StackName": name,
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::AccountId": account,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }
