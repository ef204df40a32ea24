"""The names that CloudFormation generates are of one stack, whatever other stack had its name.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from local import LocalAws
from local.simulation import SimulatedAws
from tests.local.fleet import eventually
from tests.local.stacks import TRUST

Aws = LocalAws | SimulatedAws

pytestmark = pytest.mark.slow


@pytest.fixture(params=[LocalAws, SimulatedAws])
def aws(request: pytest.FixtureRequest) -> Iterator[Aws]:
    """Each of the two."""
    with request.param() as aws:
        yield aws


def template(**queue: Any) -> str:
    """A template of resources without names."""
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}
    resources = {
        "Role": ("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}),
        "Function": (
            "AWS::Lambda::Function",
            {
                "Code": {"ZipFile": "def handler(event, context): pass"},
                "Handler": "index.handler",
                "Runtime": "python3.14",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        ),
        "Machine": (
            "AWS::StepFunctions::StateMachine",
            {
                "DefinitionString": json.dumps(definition),
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        ),
        "Queue": ("AWS::SQS::Queue", queue),
        "Bucket": ("AWS::S3::Bucket", {}),
        "Group": ("AWS::Logs::LogGroup", {}),
    }
    return json.dumps(
        {
            "Resources": {
                name: {"Type": kind, "Properties": properties}
                for name, (kind, properties) in resources.items()
            }
        }
    )


def ended(aws: Aws, name: str) -> str:
    """The status that a stack's operation comes to."""
    cloudformation = aws.client("cloudformation")

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    with aws.inside() if isinstance(aws, SimulatedAws) else nullcontext():
        reached: str = eventually(status, lambda found: not found.endswith("IN_PROGRESS"))
    return reached


def create(aws: Aws, name: str = "unnamed") -> str:
    """Create the stack and return its id."""
    stack_id: str = aws.client("cloudformation").create_stack(
        StackName=name, TemplateBody=template(), Capabilities=["CAPABILITY_IAM"]
    )["StackId"]
    assert ended(aws, stack_id) == "CREATE_COMPLETE"
    return stack_id


def delete(aws: Aws, stack_id: str) -> None:
    """Delete a stack."""
    aws.client("cloudformation").delete_stack(StackName=stack_id)
    assert ended(aws, stack_id) == "DELETE_COMPLETE"


def update(aws: Aws, stack_id: str, body: str) -> str:
    """Update a stack and return the status that it comes to."""
    aws.client("cloudformation").update_stack(
        StackName=stack_id, TemplateBody=body, Capabilities=["CAPABILITY_IAM"]
    )
    return ended(aws, stack_id)


def names(aws: Aws, stack_id: str) -> dict[str, str]:
    """The names of a stack's resources."""
    found = aws.client("cloudformation").describe_stack_resources(StackName=stack_id)
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in found["StackResources"]
    }


def test_a_stack_that_is_created_again_has_other_names(aws: Aws) -> None:
    first = create(aws)
    old = names(aws, first)
    delete(aws, first)
    new = names(aws, create(aws))

    assert len(old) == 6
    assert [name for name in old if old[name] == new[name]] == []
    assert {name: len(value) for name, value in old.items()} == {
        name: len(value) for name, value in new.items()
    }
    assert new["Bucket"] == new["Bucket"].lower()


def test_an_update_keeps_the_names_and_a_replacement_draws_another(aws: Aws) -> None:
    stack_id = create(aws)
    before = names(aws, stack_id)

    assert update(aws, stack_id, template(VisibilityTimeout=60)) == "UPDATE_COMPLETE"
    assert names(aws, stack_id) == before
    assert update(aws, stack_id, template(FifoQueue=True)) == "UPDATE_COMPLETE"

    after = names(aws, stack_id)
    assert after["Queue"] != before["Queue"]
    assert {**after, "Queue": ""} == {**before, "Queue": ""}
    delete(aws, stack_id)
    assert aws.client("sqs").list_queues().get("QueueUrls", []) == []


def test_an_update_that_is_rolled_back_keeps_the_names(aws: Aws) -> None:
    stack_id = create(aws)
    before = names(aws, stack_id)
    broken = json.loads(template(VisibilityTimeout=60))
    broken["Resources"]["Fails"] = {
        "Type": "Custom::Fails",
        "DependsOn": list(before),
        "Properties": {"ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:missing"},
    }

    assert update(aws, stack_id, json.dumps(broken)) == "UPDATE_ROLLBACK_COMPLETE"
    assert names(aws, stack_id) == before
