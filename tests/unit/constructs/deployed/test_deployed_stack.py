"""A deployed stack is read with the stacks nested in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from thing_registration.deployed.deployed_stack import DeployedStack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack/{}/1"
TYPE = "Custom::ThingRegistrationTask"
NESTED = "AWS::CloudFormation::Stack"


class Stacks:
    """CloudFormation with some stacks; they are found by name or ARN."""

    def __init__(self) -> None:
        self._stacks: dict[str, dict[str, Any]] = {}

    def add(
        self,
        name: str,
        resources: dict[str, Any],
        ids: dict[str, tuple[str, str, str]],
        outputs: dict[str, str] | None = None,
        status: str = "CREATE_COMPLETE",
    ) -> None:
        """Deploy a stack; of each physical id the type and the status are given."""
        self._stacks[name] = self._stacks[ARN.format(name)] = {
            "StackName": name,
            "StackId": ARN.format(name),
            "StackStatus": status,
            "Outputs": [
                {"OutputKey": key, "OutputValue": value} for key, value in (outputs or {}).items()
            ],
            "template": {"Resources": resources},
            "summaries": [
                {
                    "LogicalResourceId": logical_id,
                    "PhysicalResourceId": physical_id,
                    "ResourceType": kind,
                    "ResourceStatus": of_resource,
                }
                for logical_id, (physical_id, kind, of_resource) in ids.items()
            ],
        }

    def read(self, name: str) -> DeployedStack | None:
        return DeployedStack.read(cast("CloudFormationClient", self), name)

    def describe_stacks(self, StackName: str) -> Any:
        if StackName not in self._stacks:
            error: Any = {"Code": "ValidationError", "Message": "it does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [self._stacks[StackName]]}

    def get_template(self, StackName: str, TemplateStage: str) -> Any:
        assert TemplateStage == "Processed"
        return {"TemplateBody": self._stacks[StackName]["template"]}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> Any:
        return [{"StackResourceSummaries": self._stacks[StackName]["summaries"]}]


def task(**properties: Any) -> dict[str, Any]:
    return {"Type": TYPE, "Properties": properties}


def nested_fleet() -> Stacks:
    """A stack whose nested stack has a task and the bucket of another."""
    stacks = Stacks()
    outer = {
        "Own": task(Bucket={"Fn::GetAtt": ["Inner", "Outputs.Files"]}),
        "Inner": {"Type": NESTED},
        "Old": {"Type": NESTED},
    }
    stacks.add(
        "Outer",
        outer,
        {
            "Inner": (ARN.format("Outer-Inner-X"), NESTED, "CREATE_COMPLETE"),
            "Old": (ARN.format("Outer-Old-X"), NESTED, "DELETE_COMPLETE"),
        },
    )
    stacks.add(
        "Outer-Inner-X",
        {"Fleet": task(Bucket={"Ref": "Files"}, KeyPrefix={"Ref": "AWS::StackName"})},
        {"Files": ("files-1", "AWS::S3::Bucket", "CREATE_COMPLETE")},
        {"Files": "files-1"},
    )
    return stacks


def test_the_tasks_of_nested_stacks_are_those_of_the_stack() -> None:
    stack = nested_fleet().read("Outer")

    assert stack is not None
    own, inner = stack.tasks
    assert (own.place, inner.place) == (("Own",), ("Inner", "Fleet"))
    assert (own.stack, inner.stack) == ("Outer", "Outer")
    assert (own.stack_id, inner.stack_id) == (ARN.format("Outer"), ARN.format("Outer-Inner-X"))
    assert (inner.text("Bucket"), inner.text("KeyPrefix")) == ("files-1", "Outer-Inner-X")


def test_an_output_of_a_nested_stack_is_known() -> None:
    stack = nested_fleet().read("Outer")

    assert stack is not None
    assert stack.tasks[0].text("Bucket") == "files-1"


def test_a_stack_that_is_not_there_or_has_nothing_is_none() -> None:
    stacks = Stacks()
    stacks.add("Failed", {}, {}, status="ROLLBACK_COMPLETE")

    assert (stacks.read("None"), stacks.read("Failed")) == (None, None)


def test_a_stack_that_is_under_way_is_noted() -> None:
    stacks = Stacks()
    stacks.add("S", {}, {}, status="UPDATE_IN_PROGRESS")

    found = stacks.read("S")

    assert found is not None
    assert found.notes == (
        "stack S is UPDATE_IN_PROGRESS: what it registers meanwhile may be missing",
    )
