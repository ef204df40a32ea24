"""Stacks that are synthesized in this process and deployed through CloudFormation's API.

`cdk deploy` does the same, and takes three times as long. Most live in a simulated AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from local import LocalAws
from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION
from local.simulation import SimulatedAws
from tests.deployment.app_stack import TEMPLATE
from tests.simulation.assembly import ASSETS, Assembly
from tests.simulation.declared import _content, _files
from tests.simulation.invariants import all_tasks
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from thing_registration import (
    InputFile,
    Prerequisites,
    ProvisioningTemplate,
    ThingRegistrationTask,
)


def synthesize(folder: Path, name: str, build: Callable[[cdk.Stack], None]) -> Assembly:
    """Return a stack with what `build` makes in it."""
    app = cdk.App(outdir=str(folder))
    stack = cdk.Stack(
        app,
        name,
        env=cdk.Environment(account=DEFAULT_ACCOUNT, region=DEFAULT_REGION),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    build(stack)
    app.synth()
    return read_assembly(folder)


def read_assembly(folder: Path) -> Assembly:
    """Return the stack of an app that is synthesized already."""
    (template,) = folder.glob("*.template.json")
    name = template.name.partition(".")[0]
    files = _files(folder / f"{name}.assets.json")
    return Assembly(
        templates={name: json.loads(template.read_text())},
        assets={key: _content(folder / path) for key, path in files},
    )


@contextmanager
def simulated() -> Iterator[LocalAws]:
    """Begin a simulated AWS; a test of it stays outside, because it also synthesizes."""
    with SimulatedAws() as aws:
        yield cast(LocalAws, aws)


def inside(aws: LocalAws | SimulatedAws) -> AbstractContextManager[None]:
    """Let a block see the virtual time, if it is a simulated AWS."""
    return aws.inside() if isinstance(aws, SimulatedAws) else nullcontext()


class UploadedStack(Stack):
    """A stack whose template may be longer than the 51,200 characters that a call may have."""

    def end(self, seconds: float | None = None) -> str:
        """Wait for the end of the operation that has begun; the status it came to."""
        with inside(self.aws):
            return super().end(seconds)

    def begin_create(self) -> None:
        """Send CreateStack."""
        self._id = self._cloudformation.create_stack(**self._request())["StackId"]

    def begin_update(self) -> None:
        """Send UpdateStack."""
        self._cloudformation.update_stack(**self._request())

    def _request(self) -> dict[str, Any]:
        key = f"{self.name}.json"
        self.aws.client("s3").put_object(Bucket=ASSETS, Key=key, Body=json.dumps(self.template))
        return {
            "StackName": self.name,
            "TemplateURL": f"{self.aws.endpoint_url}/{ASSETS}/{key}",
            "Capabilities": ["CAPABILITY_IAM"],
        }


class FleetStack(UploadedStack):
    """A stack with one task, not created yet.

    Args:
        aws: where it lives.
        folder: for the files of the deployments.
    """

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        super().__init__(aws, "Fleet", {"Resources": {}}, lambda status: None)
        self.registry = Registry(aws)
        self._folder = folder
        self._deployments = 0

    def deploy(
        self,
        devices: Sequence[Mapping[str, str]],
        *,
        template: Mapping[str, Any] = TEMPLATE,
        role: str = "",
        **arguments: Any,
    ) -> str:
        """Create or update the stack; the status it came to.

        Args:
            devices: the lines of the input file.
            template: of the devices.
            role: the construct id of a role of the app's own; by default the task makes one.
            arguments: of the task.
        """

        def build(stack: cdk.Stack) -> None:
            task = ThingRegistrationTask(
                stack,
                "Task",
                provisioning_template=ProvisioningTemplate.from_object(template),
                input_file=InputFile.from_records(devices),
                prerequisites=Prerequisites.CREATE,
                role=_role(stack, role) if role else None,
                **arguments,
            )
            cdk.CfnOutput(stack, "TaskSucceeded", value=task.success_count)
            cdk.CfnOutput(stack, "TaskFailed", value=task.failure_count)
            cdk.CfnOutput(stack, "TaskRegistered", value=task.registered_count)
            cdk.CfnOutput(stack, "TaskUnchanged", value=task.unchanged_count)
            cdk.CfnOutput(stack, "TaskRemoved", value=task.removed_count)

        self._deployments += 1
        assembly = synthesize(self._folder / f"cdk.out-{self._deployments}", self.name, build)
        assembly.publish(self.aws)
        self.template = assembly.templates[self.name]
        return self.update() if self._is_there() else self.create()

    def certificates(self) -> dict[str, list[str]]:
        """Return the ids of the certificates that each thing has."""
        return {name: self.registry.certificates_of(name) for name in self.registry.things()}

    def task_count(self) -> int:
        """Return how many registration tasks there ever were."""
        return len(all_tasks(self.aws))

    def _is_there(self) -> bool:
        pages = self._cloudformation.get_paginator("describe_stacks").paginate()
        return self.name in [stack["StackName"] for page in pages for stack in page["Stacks"]]


def _role(stack: cdk.Stack, construct_id: str) -> iam.Role:
    policy = "service-role/AWSIoTThingsRegistration"
    return iam.Role(
        stack,
        construct_id,
        assumed_by=iam.ServicePrincipal("iot.amazonaws.com"),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(policy)],
    )
