"""Checks where a task keeps or finds its files in S3, before anything is made.

https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

from __future__ import annotations

import re

from aws_cdk import Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thing_registration import limits
from thing_registration.known_values import is_dummy, is_token

# AWS limits a key to 1,024 characters. The rest is for what follows the prefix: the longest are
# those of the reports, `runs/REQUEST/TASK/RESULTS-0.jsonl`.
MAX_KEY_PREFIX_LENGTH = 900
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
MAX_VERSION_ID_LENGTH = 1_024
_KEY_CHARACTERS = limits.INPUT_FILE_KEY_PATTERN.partition("{")[0]


def with_slash(key_prefix: str | None) -> str | None:
    """Return the prefix of the keys in our bucket, with the slash at its end.

    Raises:
        ValueError: AWS IoT would not accept a key that begins with it.
    """
    if key_prefix is None or is_token(key_prefix):
        return key_prefix
    prefix = key_prefix if key_prefix.endswith("/") else f"{key_prefix}/"
    if is_dummy(prefix):
        return prefix
    if prefix.startswith("/"):
        raise ValueError(
            f"key_prefix must be a name and not begin with a slash, got {key_prefix!r}"
        )
    fits = re.fullmatch(limits.INPUT_FILE_KEY_PATTERN, prefix)
    if not fits or len(prefix) > MAX_KEY_PREFIX_LENGTH:
        raise ValueError(
            f"key_prefix must be at most {MAX_KEY_PREFIX_LENGTH} characters of "
            f"{_KEY_CHARACTERS}, got {key_prefix!r}"
        )
    return prefix


def check_region(scope: Construct, argument: str, bucket: s3.IBucket | None) -> None:
    """Check that a bucket is in the Region of the stack, as far as both are known.

    Raises:
        ValueError: it is in another, where AWS IoT does not read.
    """
    if bucket is None:
        return
    ours, theirs = Stack.of(scope).region, bucket.env.region
    if not is_token(ours) and not is_token(theirs) and ours != theirs:
        raise ValueError(
            f"{argument} must be in the Region of stack {Stack.of(scope).node.path}, {ours}, "
            f"got a bucket in {theirs}"
        )


def check_key(key: str | None) -> None:
    """Check the key of an input file in a bucket.

    Raises:
        ValueError: AWS IoT does not accept such a key.
    """
    if key is None or is_token(key) or is_dummy(key):
        return
    if not re.fullmatch(limits.INPUT_FILE_KEY_PATTERN, key):
        raise ValueError(
            f"key must be 1 to {limits.MAX_INPUT_FILE_KEY_LENGTH} characters of {_KEY_CHARACTERS}, "
            f"got {key!r}"
        )


def check_version_id(version_id: str | None) -> None:
    """Check the version of an input file in a bucket.

    Raises:
        ValueError: S3 has no versions with such an id.
    """
    if version_id is None or is_token(version_id):
        return
    if not 1 <= len(version_id) <= MAX_VERSION_ID_LENGTH:
        raise ValueError(
            f"version_id must be 1 to {MAX_VERSION_ID_LENGTH:,} characters, got {len(version_id):,}"
        )
