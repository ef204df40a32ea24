"""The removal of everything that a run has made, after a failure and an interrupt too."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.verify_aws.certificates import own_certificates, remove_certificate
from tools.verify_aws.tasks import ENDED
from tools.verify_aws.waiting import wait_for
from tools.verify_aws.workspace import Workspace

GONE = (
    "ResourceNotFoundException",
    "NoSuchEntity",
    "NoSuchBucket",
    "ValidationError",  # CloudFormation, of a stack that does not exist
)


Step = tuple[str, Callable[[], Any]]


def remove(workspace: Workspace, say: Callable[[str], None]) -> list[str]:
    """Remove what was made, in an order that AWS accepts; return what could not be removed.

    A removal that AWS refuses is tried again: a detachment takes seconds to be known everywhere,
    and a policy can be deleted up to five minutes after it was detached.
    """
    say(f"removing everything that is named {workspace.prefix}…")
    end = time.monotonic() + workspace.patience.removal
    left = []
    for kind, steps in _stages(workspace):
        found: list[Step] = []
        problem = _persist(partial(_find, steps, found), end)
        if problem is not None:
            left.append(f"each {kind}: {problem}")
        for name, step in found:
            problem = _persist(step, end)
            if problem is not None:
                left.append(f"{kind} {name}: {problem}")
    shutil.rmtree(workspace.scratch, ignore_errors=True)
    return left


def _find(steps: Callable[[], Iterator[Step]], found: list[Step]) -> None:
    """Find what is to be removed, anew at each attempt."""
    found[:] = steps()


def _stages(workspace: Workspace) -> list[tuple[str, Callable[[], Iterator[Step]]]]:
    made = workspace.made
    iot, iam = workspace.iot, workspace.clients.get("iam")
    return [
        ("task", lambda: _stop_tasks(workspace)),
        ("stack", lambda: _each(made.stacks, lambda name: _remove_stack(workspace, name))),
        ("certificate", lambda: _remove_certificates(workspace)),
        ("thing", lambda: _each(made.things, lambda name: iot.delete_thing(thingName=name))),
        ("policy", lambda: _each(made.policies, lambda name: iot.delete_policy(policyName=name))),
        (
            "billing group",
            lambda: _each(
                made.billing_groups,
                lambda name: iot.delete_billing_group(billingGroupName=name),
            ),
        ),
        ("role", lambda: _each(made.roles, lambda name: _remove_role(iam, name))),
        ("bucket", lambda: _each(made.buckets, lambda name: _remove_bucket(workspace, name))),
    ]


def _each(names: list[str], step: Callable[[str], Any]) -> Iterator[Step]:
    for name in names:
        yield name, partial(step, name)


def _persist(step: Callable[[], Any], end: float) -> str | None:
    """Do a step until it succeeds; return the last problem if it does not before the end."""
    problems: list[str] = []

    def attempt() -> bool | None:
        try:
            step()
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return True
            problems.append(str(error))
            return None
        except BotoCoreError as error:
            problems.append(str(error))
            return None
        return True

    done, _ = wait_for(attempt, max(0.0, end - time.monotonic()))
    return None if done else problems[-1]


def _stop_tasks(workspace: Workspace) -> Iterator[Step]:
    """Stop our tasks, also one whose start was interrupted before its id was known."""
    if not workspace.made.buckets:
        return
    pages = workspace.iot.get_paginator("list_thing_registration_tasks").paginate(
        status="InProgress"
    )
    running = [task_id for page in pages for task_id in page["taskIds"]]
    for task_id in dict.fromkeys([*workspace.made.tasks, *running]):
        yield task_id, partial(_stop_task, workspace, task_id)


def _stop_task(workspace: Workspace, task_id: str) -> None:
    iot = workspace.iot

    def ended() -> bool | None:
        described = iot.describe_thing_registration_task(taskId=task_id)
        return True if described["status"] in ENDED else None

    described = iot.describe_thing_registration_task(taskId=task_id)
    if described.get("inputFileBucket") != workspace.bucket or described["status"] in ENDED:
        return
    iot.stop_thing_registration_task(taskId=task_id)
    wait_for(ended, workspace.patience.task)


def _remove_certificates(workspace: Workspace) -> Iterator[Step]:
    if workspace.made.keys:
        # A certificate may appear in the list some seconds after it was made.
        time.sleep(workspace.patience.settling)
    for certificate_id in own_certificates(workspace):
        yield certificate_id, partial(remove_certificate, workspace.iot, certificate_id)


def _remove_role(iam: Any, name: str) -> None:
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _remove_bucket(workspace: Workspace, name: str) -> None:
    s3 = workspace.clients.get("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


def _remove_stack(workspace: Workspace, name: str) -> None:
    cloudformation = workspace.clients.get("cloudformation")
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 2}
    )
    logs = workspace.clients.get("logs")
    # The log of the construct stays when its stack is deleted.
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            if name in group["logGroupName"]:
                logs.delete_log_group(logGroupName=group["logGroupName"])
