"""What becomes of the bucket with its stack, whoever says so."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from tests.unit.constructs.fleet import RESOURCE, Make, properties


@pytest.mark.parametrize(
    "policy", [cdk.RemovalPolicy.SNAPSHOT, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]
)
@pytest.mark.parametrize("own_bucket", [True, False])
def test_another_removal_policy_than_retain_and_destroy_is_refused(
    stack: cdk.Stack, make_task: Make, policy: cdk.RemovalPolicy, own_bucket: bool
) -> None:
    bucket = None if own_bucket else s3.Bucket.from_bucket_name(stack, "Own", "fleets")

    with pytest.raises(
        ValueError, match=rf"^removal_policy must be RETAIN or DESTROY, got {policy.name}$"
    ):
        make_task(removal_policy=policy, bucket=bucket)

    assert stack.node.try_find_child("Fleet") is None


@pytest.mark.parametrize("said", [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.DESTROY])
def test_removal_policies_that_destroy_empty_the_bucket_too(
    stack: cdk.Stack, make_task: Make, said: cdk.RemovalPolicy
) -> None:
    make_task(removal_policy=said, timeout=cdk.Duration.minutes(10))
    cdk.RemovalPolicies.of(stack.node.root).destroy()

    assert properties(stack)["EmptyOnDelete"] == "true"
    assert properties(stack)["ServiceTimeout"] == "3600"
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})


@pytest.mark.parametrize("said", [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.DESTROY])
def test_removal_policies_that_retain_leave_the_bucket_as_it_is_and_stop_what_runs(
    stack: cdk.Stack, make_task: Make, said: cdk.RemovalPolicy
) -> None:
    make_task(removal_policy=said, timeout=cdk.Duration.minutes(10))
    cdk.RemovalPolicies.of(stack.node.root).retain()

    assert properties(stack)["EmptyOnDelete"] == "false"
    assert properties(stack)["ServiceTimeout"] == "1200"
    template = Template.from_stack(stack)
    template.has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})
    template.has_resource(RESOURCE, {"DeletionPolicy": "Delete"})


def test_other_removal_policies_are_refused_until_the_task_has_its_own(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()
    cdk.RemovalPolicies.of(stack).retain_on_update_or_delete()

    with pytest.raises(
        RuntimeError, match=r"must be RETAIN or DELETE, got RETAIN_EXCEPT_ON_CREATE"
    ):
        Template.from_stack(stack)

    cdk.RemovalPolicies.of(task).retain()
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})


def test_a_bucket_of_the_users_is_emptied_only_if_the_task_says_so(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(bucket=s3.Bucket(stack, "Own"))
    cdk.RemovalPolicies.of(stack).destroy()

    assert properties(stack)["EmptyOnDelete"] == "false"
