"""The command `thing-registration deregister`."""

from __future__ import annotations

import json
from datetime import timedelta

from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.deployed_stack import DeployedStack
from thing_registration.deployed.errors import CommandError, StackNotDeployed
from thing_registration.deployed.fleet_state import Telling
from thing_registration.deployed.stack_tasks import StackTask, chosen
from thing_registration.deployed.worker_steps import Deregistration

_SHOWN = 5


def prepare(
    aws: AwsSession, stack: str, task: str | None, *, only_retired: bool, tell: Telling
) -> tuple[StackTask, Deregistration]:
    """Return the task, and what is to be deleted of it.

    Raises:
        StackNotDeployed: there is no such stack.
        TaskNotFound: it has no such task, or several.
        CommandError: a deployment of it is under way, or its state cannot be read.
    """
    found = DeployedStack.read(aws.cloudformation, stack)
    if found is None:
        raise StackNotDeployed(stack, aws.region, aws.account, "check --region and --profile")
    if found.status.endswith("_IN_PROGRESS"):
        raise CommandError(f"stack {stack} is {found.status}: wait until that has ended")
    one = chosen(f"stack {stack}", found.tasks, task)
    return one, Deregistration(aws, one, only_retired=only_retired, tell=tell)


def announced(task: StackTask, doomed: Deregistration, *, only_retired: bool) -> str:
    """Return what is going to be deleted."""
    which = "retired devices" if only_retired else "devices"
    count, certificates = len(doomed.thing_names), len(doomed.certificate_ids)
    duration = timedelta(seconds=round(doomed.seconds))
    return (
        f"{task}: {count:,} {which} that it made are deleted for good, with {certificates:,} "
        f"certificates, in about {duration}:\n{_first(doomed.thing_names)}"
    )


def deregister(task: StackTask, doomed: Deregistration, tell: Telling) -> str:
    """Delete; return what was deleted, and what is left.

    Raises:
        CommandError: AWS refuses some, or a deployment has begun meanwhile.
    """
    total = len(doomed.thing_names)
    policies = (
        doomed.policies(lambda done: tell(f"asking for policies, {done:,} of {total:,}"))
        if _makes_policies(task)
        else []
    )
    count = doomed.delete(lambda done: tell(f"deregistering, {done:,} of {total:,}"))
    said = f"deregistered {count:,} devices"
    if not policies:
        return said
    left = "policies that are left, because other certificates may have them:"
    return "\n".join((said, left, *policies))


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _makes_policies(task: StackTask) -> bool:
    """Return whether AWS has made policies of a document in the template."""
    resources = json.loads(task.text("TemplateBody"))["Resources"].values()
    return any("PolicyDocument" in resource.get("Properties", {}) for resource in resources)
