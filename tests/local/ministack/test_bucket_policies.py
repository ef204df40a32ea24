"""A role of the bucket's account may do what its own policies or the bucket's allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.fleet import Fleet

pytestmark = pytest.mark.slow
BUCKET = "guarded"


def status_of_task(fleet: Fleet, role_arn: str, *statements: dict[str, Any]) -> str:
    """How a task ends that reads its input from a bucket with these statements."""
    fleet.s3.create_bucket(Bucket=BUCKET)
    fleet.s3.put_object(Bucket=BUCKET, Key="in.jsonl", Body=b'{"ThingName": "guarded"}\n')
    arn = f"arn:aws:s3:::{BUCKET}/*"
    common = {"Action": "s3:GetObject", "Principal": {"AWS": role_arn}, "Resource": arn}
    policy = [{**common, **statement} for statement in statements]
    fleet.s3.put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy})
    )
    task_id = fleet.start(key="in.jsonl", inputFileBucket=BUCKET, roleArn=role_arn)
    status: str = fleet.finished(task_id)["status"]
    return status


def test_the_policy_of_the_bucket_is_enough_for_the_role_that_it_names(fleet: Fleet) -> None:
    named = fleet.new_role("named", reads=False)
    other = fleet.new_role("other", reads=False)
    allow = {"Effect": "Allow"}

    assert status_of_task(fleet, named, allow) == "Completed"
    assert status_of_task(fleet, other, {**allow, "Principal": {"AWS": named}}) == "Failed"


def test_a_deny_of_the_bucket_wins(fleet: Fleet) -> None:
    role = fleet.new_role("denied", reads=False)

    assert status_of_task(fleet, role, {"Effect": "Allow"}, {"Effect": "Deny"}) == "Failed"
