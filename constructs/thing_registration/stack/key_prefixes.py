"""The prefixes that the tasks of an app use, so that no two share one."""

from __future__ import annotations

from typing import cast
from weakref import WeakKeyDictionary

from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from thing_registration.known_values import is_dummy, is_token

_Claims = dict[tuple[str, str], str]
# By the root of the app.
_claimed: WeakKeyDictionary[IConstruct, _Claims] = WeakKeyDictionary()


def claim_key_prefix(task: Construct, bucket: s3.IBucket, key_prefix: str) -> None:
    """Note that a task uses a prefix.

    Raises:
        ValueError: another task uses the same or a nested prefix of the same bucket. The task is
            taken out of the tree again.
    """
    if is_token(key_prefix) or is_dummy(key_prefix):
        return
    claims = _claimed.setdefault(task.node.root, {})
    name = _identity(bucket)
    for (other_bucket, other), path in claims.items():
        if other_bucket == name and (other.startswith(key_prefix) or key_prefix.startswith(other)):
            own_path = task.node.path
            cast(IConstruct, task.node.scope).node.try_remove_child(task.node.id)
            raise ValueError(
                "key_prefix must be neither that of another task in the same bucket nor nested "
                f"with it, got {key_prefix!r} for {own_path}, but {path} has {other!r}"
            )
    claims[name, key_prefix] = task.node.path


def _identity(bucket: s3.IBucket) -> str:
    """Return the bucket's name where it is known, else the path of its construct."""
    resource = bucket.node.default_child
    declared = resource.bucket_name if isinstance(resource, s3.CfnBucket) else bucket.bucket_name
    if declared is None or is_token(declared):
        return f"path {bucket.node.path}"
    return f"name {declared}"
