"""Where a task keeps its input and its reports, and what becomes of them with the stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import jsii
from aws_cdk import CfnDeletionPolicy, Duration, Lazy, RemovalPolicy
from aws_cdk import IStableStringProducer as IProducer
from aws_cdk import aws_s3 as s3
from constructs import Construct, IValidation

# What a run works with is needed while it lasts, and to see what AWS was given. Reports and
# the state never expire: without them, a deployment would have to ask AWS about every device.
INPUT_EXPIRATION = Duration.days(90)
ABANDONED_UPLOAD_EXPIRATION = Duration.days(7)
REMOVAL_POLICIES = (RemovalPolicy.RETAIN, RemovalPolicy.DESTROY)
KEPT_OR_DELETED = (CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.DELETE)


@dataclass(frozen=True)
class TaskBucket:
    """A bucket, where in it, and whether it is the task's own: made by it and for nothing else."""

    bucket: s3.IBucket
    key_prefix: str
    is_own: bool
    removal_policy: RemovalPolicy

    def empty_on_delete(self) -> str:
        """Return whether a deletion of the task empties the prefix: `true` or `false`, or a token.

        Of the task's own bucket, its deletion policy decides, which RemovalPolicies can change
        until synth: S3 deletes no bucket that is not empty.
        """
        return self.if_emptied("true", "false")

    def if_emptied(self, then: str, otherwise: str) -> str:
        """Return one of two texts, or a token for it."""
        if self.is_own:
            return Lazy.string(_ByDeletionPolicy(self.bucket, then, otherwise))
        return then if self.removal_policy == RemovalPolicy.DESTROY else otherwise


def own_bucket(scope: Construct, key_prefix: str, removal_policy: RemovalPolicy) -> s3.Bucket:
    """Return a new bucket: private, encrypted, TLS only, in which what runs have read expires."""
    bucket = s3.Bucket(
        scope,
        "Bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        lifecycle_rules=[
            s3.LifecycleRule(prefix=f"{key_prefix}input/", expiration=INPUT_EXPIRATION),
            s3.LifecycleRule(abort_incomplete_multipart_upload_after=ABANDONED_UPLOAD_EXPIRATION),
        ],
        removal_policy=removal_policy,
    )
    bucket.node.add_validation(_KeptOrDeleted(bucket))
    return bucket


def _deletion_policy(bucket: s3.IBucket) -> CfnDeletionPolicy | None:
    return cast(s3.CfnBucket, bucket.node.default_child).cfn_options.deletion_policy


@jsii.implements(IProducer)
class _ByDeletionPolicy:
    """One text where the bucket is deleted with its stack, another where it is kept."""

    def __init__(self, bucket: s3.IBucket, deleted: str, kept: str) -> None:
        self._bucket = bucket
        self._deleted = deleted
        self._kept = kept

    def produce(self) -> str:
        """Return the text when the template is written."""
        if _deletion_policy(self._bucket) is CfnDeletionPolicy.DELETE:
            return self._deleted
        return self._kept


@jsii.implements(IValidation)
class _KeptOrDeleted:
    """A bucket that is either kept with what is in it, or emptied and deleted."""

    def __init__(self, bucket: s3.IBucket) -> None:
        self._bucket = bucket

    def validate(self) -> list[str]:
        """Return the error, if the policy is another."""
        policy = _deletion_policy(self._bucket)
        if policy in KEPT_OR_DELETED:
            return []
        got = policy.name if policy else "none"
        return [
            "the deletion policy of the bucket of a ThingRegistrationTask must be RETAIN or "
            f"DELETE, got {got}: after RemovalPolicies of a wider scope, call "
            "RemovalPolicies.of(task).retain() or .destroy()"
        ]
