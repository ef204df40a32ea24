"""The deletion of a bucket that is not empty."""

from __future__ import annotations

import json

import pytest

from local import LocalAws
from tests.local.stacks import create, ended

pytestmark = pytest.mark.slow


def test_a_bucket_with_objects_is_not_deleted(aws: LocalAws, token: str, stack: str) -> None:
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"b-{stack}"}}
        }
    }
    s3, cloudformation = aws.client("s3"), aws.client("cloudformation")
    made = create(aws, stack, json.dumps(template))
    s3.put_object(Bucket=f"b-{stack}", Key="x", Body=b"")

    cloudformation.delete_stack(StackName=stack)
    assert ended(aws, stack)["StackStatus"] == "DELETE_FAILED"
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    assert any("BucketNotEmpty" in event.get("ResourceStatusReason", "") for event in events)

    s3.delete_object(Bucket=f"b-{stack}", Key="x")
    cloudformation.delete_stack(StackName=stack)
    assert ended(aws, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
