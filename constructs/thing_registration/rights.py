"""What the two roles may do with the bucket of a task, and no more."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thing_registration.source import Source


def read_input(bucket: s3.IBucket, key_prefix: str) -> list[iam.PolicyStatement]:
    """Return what AWS IoT needs of the bucket: to read the inputs of this task."""
    statements = [
        iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[bucket.arn_for_objects(f"{key_prefix}input/*")]
        )
    ]
    if bucket.encryption_key is not None:
        statements.append(_use_key(bucket.encryption_key, "kms:Decrypt"))
    return statements


def worker_policy(
    scope: Construct,
    worker_role: iam.IRole,
    source: Source,
    bucket: s3.IBucket,
    key_prefix: str,
    role: iam.IRole,
) -> iam.Policy:
    """Give the worker what it needs for one task.

    A policy of its own for each task: when a task leaves the stack, CloudFormation updates the
    workflow first and deletes the task last, and its deletion needs these rights.
    """
    policy = iam.Policy(
        scope,
        "WorkerPolicy",
        roles=[worker_role],
        statements=[
            iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[source.bucket.arn_for_objects(source.key)]
            ),
            iam.PolicyStatement(
                actions=[
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:DeleteObjectVersion",
                ],
                resources=[bucket.arn_for_objects(f"{key_prefix}*")],
            ),
            # Listing is also what makes S3 tell a missing object from a forbidden one.
            iam.PolicyStatement(
                actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[bucket.bucket_arn]
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "iot.amazonaws.com"}},
            ),
        ],
    )
    for key in (bucket.encryption_key, source.bucket.encryption_key):
        if key is not None:
            policy.add_statements(_use_key(key, "kms:Decrypt", "kms:GenerateDataKey*"))
    return policy


def _use_key(key: kms.IKey, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=[key.key_arn])
