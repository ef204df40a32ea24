"""Registers one fleet: `cdk deploy -c template=PATH -c input=PATH`, with defaults in cdk.json.

`-c deregister=never|removed_lines|all` says what becomes of devices that leave the file or whose
stack is deleted; `-c removal=retain|destroy` what becomes of the bucket, when the stack is deleted.
"""

import sys
from collections.abc import Mapping
from typing import TypeVar

import aws_cdk as cdk

from thing_registration import (
    Deregister,
    InvalidDeclaration,
    Prerequisites,
    ThingRegistrationTask,
)

DEREGISTER = {choice.value.lower(): choice for choice in Deregister}
REMOVALS = {"retain": cdk.RemovalPolicy.RETAIN, "destroy": cdk.RemovalPolicy.DESTROY}

T = TypeVar("T")


class FleetStack(cdk.Stack):
    """The devices, and what must exist before them."""

    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        task = ThingRegistrationTask(
            self,
            "Fleet",
            provisioning_template=self.node.get_context("template"),
            input_file=self.node.get_context("input"),
            prerequisites=Prerequisites.CREATE,
            deregister=_chosen(self, "deregister", DEREGISTER),
            removal_policy=_chosen(self, "removal", REMOVALS),
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)
        cdk.CfnOutput(self, "Status", value=task.status)
        cdk.CfnOutput(self, "SuccessCount", value=task.success_count)
        cdk.CfnOutput(self, "FailureCount", value=task.failure_count)
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)
        cdk.CfnOutput(self, "UnchangedCount", value=task.unchanged_count)
        cdk.CfnOutput(self, "RemovedCount", value=task.removed_count)
        cdk.CfnOutput(self, "ReportsUri", value=task.reports_uri)


def _chosen(scope: cdk.Stack, name: str, choices: Mapping[str, T]) -> T:
    """Return what `-c name=` says; the first of the choices by default."""
    default, *_ = choices
    word = scope.node.try_get_context(name) or default
    if word not in choices:
        sys.exit(f"{name} must be one of {', '.join(choices)}, got {word!r}")
    return choices[word]


app = cdk.App()
try:
    FleetStack(app, "ThingRegistration")
except InvalidDeclaration as problems:
    sys.exit(str(problems))
app.synth()
