"""Checks the arguments of a ThingRegistrationTask, before anything is made.

What StartThingRegistrationTask requires is checked here as far as it is known at synth, and again
in the Lambda before the call: botocore checks neither patterns nor maximum lengths. CDK checks the
names of buckets, to stricter rules.
https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from thing_registration import limits
from thing_registration.deregister import Deregister
from thing_registration.known_values import check_known, is_dummy, is_token, unknown
from thing_registration.stack.task_bucket import TaskBucket

# CloudFormation waits for an hour at most. Of the other 10 minutes, stopping a task takes 3 and
# keeping its reports 1; the rest is for calls of the worker that die and are made again.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
LONGEST_WAIT_SECONDS = 60 * 60
RESERVED_SECONDS = 10 * 60
MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS = 60, LONGEST_WAIT_SECONDS - RESERVED_SECONDS
# As many digits as max_failures may have.
MAX_DEVICES = 10**9 - 1


def timeout_seconds(timeout: Duration | None) -> int:
    """Return the timeout in seconds, the longest if there is none.

    Raises:
        ValueError: it is a token, is shorter than a minute, or leaves no time to answer
            CloudFormation.
    """
    if timeout is None:
        return MAX_TIMEOUT_SECONDS
    if timeout.is_unresolved():
        raise unknown("timeout")
    seconds = timeout.to_seconds()
    if not MIN_TIMEOUT_SECONDS <= seconds <= MAX_TIMEOUT_SECONDS:
        raise ValueError(
            f"timeout must be 1 to {MAX_TIMEOUT_SECONDS // 60} minutes, because CloudFormation "
            f"waits for an hour at most, got {timeout.to_human_string()}"
        )
    return int(seconds)


def service_timeout(timeout_seconds: int, bucket: TaskBucket, deregister: Deregister) -> str:
    """Return how many seconds CloudFormation waits for one request, whatever dies meanwhile.

    It holds for a deletion too: emptying a bucket or deleting devices may take the whole hour.
    """
    if deregister is Deregister.ALL:
        return str(LONGEST_WAIT_SECONDS)
    kept = min(timeout_seconds + RESERVED_SECONDS, LONGEST_WAIT_SECONDS)
    return bucket.if_emptied(str(LONGEST_WAIT_SECONDS), str(kept))


def check_max_failures(max_failures: int | str) -> None:
    """Check how many things may fail.

    Raises:
        ValueError: it is neither a count nor a percentage.
    """
    if is_dummy(max_failures):
        return
    check_known("max_failures", max_failures)
    text = str(max_failures)
    is_count = re.fullmatch(r"[0-9]{1,9}", text)
    is_percentage = re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?%", text) and float(text[:-1]) <= 100
    if not (is_count or is_percentage):
        raise ValueError(
            f"max_failures must be a count such as 3 or a percentage such as '5%', got {text!r}"
        )


def check_max_deregistered(max_deregistered: int | None, deregister: Deregister) -> None:
    """Check how many devices an update may retire.

    Raises:
        ValueError: it is less than 0 or too large, or nothing is ever retired.
    """
    if max_deregistered is None:
        return
    if not 0 <= max_deregistered <= MAX_DEVICES:
        raise ValueError(f"max_deregistered must be 0 to {MAX_DEVICES:,}, got {max_deregistered!r}")
    if deregister is Deregister.NEVER:
        raise ValueError(
            "max_deregistered must come with Deregister.REMOVED_LINES or ALL, got NEVER"
        )


def check_claim_existing(claim_existing: bool, deregister: Deregister) -> None:
    """Check whether what was there before is ours.

    Raises:
        ValueError: nothing is ever retired.
    """
    if claim_existing and deregister is Deregister.NEVER:
        raise ValueError("claim_existing must come with Deregister.REMOVED_LINES or ALL, got NEVER")


def check_take_over(take_over: str | None) -> None:
    """Check whose state is taken over.

    Raises:
        ValueError: it does not name a stack and a resource.
    """
    if take_over is None or is_token(take_over) or is_dummy(take_over):
        return
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*/[A-Za-z0-9]+", take_over):
        raise ValueError(
            f"take_over must be the name of a stack, a slash and the logical id of the task's "
            f"resource, got {take_over!r}"
        )


def removal_properties(
    deregister: Deregister, max_deregistered: int | None, claim_existing: bool
) -> dict[str, str]:
    """Return the properties about removal: none by default, so that nothing changes for those."""
    properties = {} if deregister is Deregister.NEVER else {"Deregister": deregister.value}
    if max_deregistered is not None:
        properties["MaxDeregistered"] = str(max_deregistered)
    if claim_existing:
        properties["ClaimExisting"] = "true"
    return properties


def check_things_per_second(things_per_second: float) -> None:
    """Check the rate that the estimated duration assumes.

    Raises:
        ValueError: it is a token, or not a finite number above 0.
    """
    check_known("things_per_second", things_per_second)
    if not (math.isfinite(things_per_second) and things_per_second > 0):
        raise ValueError(f"things_per_second must be more than 0, got {things_per_second:g}")


def decimal_text(number: float) -> str:
    """Return a number without an exponent, the same text for 10 and 10.0."""
    return f"{Decimal(str(number)).normalize():f}"


def check_role(scope: Construct, role: iam.IRole | None) -> None:
    """Check the user's role.

    Raises:
        ValueError: AWS IoT does not accept an ARN of this length, or the role is made by a stack
            that is deployed after the task's.
    """
    if role is None:
        return
    if is_token(role.role_arn):
        _check_stack(role.stack, Stack.of(scope))
        return
    if not limits.MIN_ROLE_ARN_LENGTH <= len(role.role_arn) <= limits.MAX_ROLE_ARN_LENGTH:
        raise ValueError(
            f"role must have an ARN of {limits.MIN_ROLE_ARN_LENGTH} to "
            f"{limits.MAX_ROLE_ARN_LENGTH:,} characters, got {len(role.role_arn)}"
        )


def _check_stack(of_role: Stack, of_task: Stack) -> None:
    """Check that the stack of the role does not wait for that of the task."""
    waiting, seen = [of_role], set[str]()
    while waiting:
        stack = waiting.pop()
        if stack.node.addr in seen:
            continue
        seen.add(stack.node.addr)
        waiting.extend(stack.dependencies)
    if of_role is not of_task and of_task.node.addr in seen:
        raise ValueError(
            f"role must be made before the task, got a role of stack {of_role.node.path}, which "
            f"depends on the task's stack {of_task.node.path}: make the role in the task's stack "
            "or in one that it may depend on"
        )
