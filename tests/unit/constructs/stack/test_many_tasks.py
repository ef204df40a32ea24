"""Twenty tasks in one stack: IAM lets the inline policies of one role have 10,240 characters."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tests.unit.constructs.fleet import RESOURCE, Make
from thing_registration import Prerequisites

TASKS = 20
# As long as a name that CloudFormation makes, a bucket's and a role's.
NAME = "n" * 64
PSEUDO = {"AWS::Partition": "aws-us-gov", "AWS::Region": "ap-southeast-2", "AWS::StackName": NAME}


def test_the_inline_policies_of_twenty_tasks_fit_the_role_of_the_worker(
    stack: cdk.Stack, make_task: Make
) -> None:
    for number in range(TASKS):
        make_task(f"Fleet{number}")

    sizes = inline_sizes(stack)
    assert len(sizes) == 3
    assert max(sizes.values()) < 2_500


def test_one_more_task_costs_three_resources(stack: cdk.Stack, make_task: Make) -> None:
    make_task("One")
    before = len(Template.from_stack(stack).to_json()["Resources"])
    other = cdk.Stack(cdk.App(), "Stack")
    for name in ("One", "Two"):
        make_task(name, scope=other)

    assert len(Template.from_stack(other).to_json()["Resources"]) == before + 3


def test_each_of_twenty_tasks_has_its_rights_before_it_runs_and_until_it_is_deleted(
    stack: cdk.Stack, make_task: Make
) -> None:
    tasks = [make_task(f"Fleet{number}") for number in range(TASKS)]

    template = Template.from_stack(stack)
    policies = template.find_resources("AWS::S3::BucketPolicy")
    resources = template.find_resources(RESOURCE)
    for task in tasks:
        bucket = stack.resolve(task.bucket.bucket_name)
        ((name, policy),) = [
            each for each in policies.items() if each[1]["Properties"]["Bucket"] == bucket
        ]
        (resource,) = [
            each for each in resources.values() if each["Properties"]["Bucket"] == bucket
        ]
        assert name in resource["DependsOn"]
        assert {"s3:GetObject", "s3:PutObject", "s3:ListBucket"} <= allowed(policy)


def test_fifteen_tasks_with_a_bucket_and_a_role_of_the_users_and_every_right_fit_too(
    stack: cdk.Stack, make_task: Make
) -> None:
    bucket = s3.Bucket(stack, "Own")
    role = iam.Role(stack, "OwnRole", assumed_by=iam.ServicePrincipal("iot.amazonaws.com"))
    for number in range(15):
        make_task(f"Fleet{number}", bucket=bucket, role=role, prerequisites=Prerequisites.CREATE)

    assert max(inline_sizes(stack).values()) < 10_240


def test_fifteen_tasks_with_a_bucket_of_the_users_fit_too(
    stack: cdk.Stack, make_task: Make
) -> None:
    bucket = s3.Bucket(stack, "Own")
    for number in range(15):
        make_task(f"Fleet{number}", bucket=bucket, prerequisites=Prerequisites.CREATE)

    assert max(inline_sizes(stack).values()) < 10_240


def test_more_policies_than_a_role_can_have_are_refused_at_synth(
    stack: cdk.Stack, make_task: Make
) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Own", "fleets")
    for number in range(40):
        make_task(f"Fleet{number}", bucket=bucket, key_prefix=f"{'long' * 20}-{number}/")

    with pytest.raises(RuntimeError, match=r"at most 10,240 characters, got at least 1\d,\d\d\d"):
        Template.from_stack(stack)


def allowed(policy: Mapping[str, Any]) -> set[str]:
    """The actions that the policy of a bucket allows."""
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return {
        action
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }


def inline_sizes(stack: cdk.Stack) -> Counter[str]:
    """How many characters the inline policies of each role have together, as IAM counts them."""
    sizes: Counter[str] = Counter()
    template = Template.from_stack(stack)
    for name, role in template.find_resources("AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            sizes[name] += size(policy["PolicyDocument"])
    for policy in template.find_resources("AWS::IAM::Policy").values():
        for role in policy["Properties"]["Roles"]:
            sizes[role["Ref"]] += size(policy["Properties"]["PolicyDocument"])
    return sizes


def size(document: dict[str, Any]) -> int:
    return len(json.dumps(deployed(document), separators=(",", ":")))


def deployed(value: Any) -> Any:
    """A part of a template as CloudFormation would deploy it."""
    match value:
        case {"Ref": str(name)}:
            return PSEUDO.get(name, NAME)
        case {"Fn::GetAtt": _}:
            return f"arn:aws-us-gov:iam::123456789012:role/{NAME}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(deployed, parts))
        case {"Fn::Sub": str(text)}:
            return text
        case dict():
            return {key: deployed(each) for key, each in value.items()}
        case list():
            return [deployed(each) for each in value]
        case _:
            return value
