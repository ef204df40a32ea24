"""Checks of a construct's arguments, before anything is made.

What StartThingRegistrationTask demands is checked here as far as it is known at synth, and again in
the Lambda before the call: botocore checks neither patterns nor maximum lengths. CDK checks the
names of buckets, to stricter rules.
https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

from __future__ import annotations

import re

from aws_cdk import Duration, Token
from aws_cdk import aws_iam as iam

from thing_registration import limits

# CloudFormation waits for an hour at most. Of the rest, stopping a task takes 3 minutes, keeping
# its reports 1, and calls of the worker that die and are made again the others.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS = 60, 50 * 60
# What follows the prefix in the key that a task reads: the id is the request's.
INPUT_KEY_END = "input/00000000-0000-0000-0000-000000000000.jsonl"
_KEY_CHARACTERS = limits.INPUT_FILE_KEY_PATTERN.partition("{")[0]


def timeout_seconds(timeout: Duration | None) -> int:
    """Return the timeout in seconds, the longest when none is given.

    Raises:
        ValueError: it is shorter than a minute, or leaves no time to answer CloudFormation.
    """
    if timeout is None:
        return MAX_TIMEOUT_SECONDS
    seconds = timeout.to_seconds()
    if Token.is_unresolved(seconds) or not MIN_TIMEOUT_SECONDS <= seconds <= MAX_TIMEOUT_SECONDS:
        raise ValueError(
            f"timeout must be 1 to {MAX_TIMEOUT_SECONDS // 60} minutes, because CloudFormation "
            f"waits for an hour at most, got {timeout.to_human_string()}"
        )
    return int(seconds)


def check_max_failures(max_failures: int | str) -> None:
    """Check the tolerance.

    Raises:
        ValueError: it is neither a count nor a percentage.
    """
    text = str(max_failures)
    is_count = re.fullmatch(r"[0-9]{1,9}", text)
    is_percentage = re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?%", text) and float(text[:-1]) <= 100
    if not (is_count or is_percentage):
        raise ValueError(
            f"max_failures must be a count such as 3 or a percentage such as '5%', got {text!r}"
        )


def check_key_prefix(key_prefix: str | None) -> None:
    """Check the prefix of the keys in our bucket.

    Raises:
        ValueError: a key that begins with it would be none that AWS IoT takes.
    """
    if key_prefix is None or Token.is_unresolved(key_prefix):
        return
    if not key_prefix.endswith("/") or key_prefix.startswith("/"):
        raise ValueError(
            f"key_prefix must end in a slash and not begin with one, got {key_prefix!r}"
        )
    if not re.fullmatch(limits.INPUT_FILE_KEY_PATTERN, key_prefix + INPUT_KEY_END):
        raise ValueError(
            f"key_prefix must be at most {1024 - len(INPUT_KEY_END)} characters of "
            f"{_KEY_CHARACTERS}, got {key_prefix!r}"
        )


def check_key(key: str | None) -> None:
    """Check the key of an input file that lies in a bucket.

    Raises:
        ValueError: AWS IoT takes no such key.
    """
    if key is None or Token.is_unresolved(key):
        return
    if not re.fullmatch(limits.INPUT_FILE_KEY_PATTERN, key):
        raise ValueError(f"key must be 1 to 1024 characters of {_KEY_CHARACTERS}, got {key!r}")


def check_role(role: iam.IRole | None) -> None:
    """Check the ARN of a given role.

    Raises:
        ValueError: AWS IoT takes no such ARN.
    """
    if role is None or Token.is_unresolved(role.role_arn):
        return
    if not limits.MIN_ROLE_ARN_LENGTH <= len(role.role_arn) <= limits.MAX_ROLE_ARN_LENGTH:
        raise ValueError(
            f"role must have an ARN of {limits.MIN_ROLE_ARN_LENGTH} to "
            f"{limits.MAX_ROLE_ARN_LENGTH:,} characters, got {len(role.role_arn)}"
        )
