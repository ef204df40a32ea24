"""`aws:SecureTransport` over loopback."""

from __future__ import annotations

import json

import pytest

from tests.local.fleet import Fleet

pytestmark = pytest.mark.slow


def test_a_request_over_loopback_counts_as_secure(fleet: Fleet) -> None:
    fleet.s3.create_bucket(Bucket="tls-only")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    fleet.s3.put_bucket_policy(
        Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    fleet.iam.put_role_policy(
        RoleName="Registration",
        PolicyName="tls",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "s3:GetObject",
                        "Resource": "arn:aws:s3:::tls-only/*",
                    }
                ],
            }
        ),
    )
    fleet.s3.put_object(Bucket="tls-only", Key="x.jsonl", Body=b'{"ThingName": "secure"}')

    task = fleet.finished(fleet.start(key="x.jsonl", inputFileBucket="tls-only"))

    assert (task["status"], task["successCount"]) == ("Completed", 1)
