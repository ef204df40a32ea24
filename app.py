"""Registers one fleet: `cdk deploy -c template=PATH -c input=PATH`, with defaults in cdk.json."""

import sys

import aws_cdk as cdk

from thing_registration import (
    InputFile,
    InvalidDeclaration,
    Prerequisites,
    ProvisioningTemplate,
    ThingRegistrationTask,
)


class FleetStack(cdk.Stack):
    """The devices, and what must exist before them."""

    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        task = ThingRegistrationTask(
            self,
            "Fleet",
            provisioning_template=ProvisioningTemplate.from_file(self.node.get_context("template")),
            input_file=InputFile.from_file(self.node.get_context("input")),
            prerequisites=Prerequisites.CREATE,
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)
        cdk.CfnOutput(self, "Status", value=task.status)
        cdk.CfnOutput(self, "SuccessCount", value=task.success_count)
        cdk.CfnOutput(self, "FailureCount", value=task.failure_count)
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)
        cdk.CfnOutput(self, "UnchangedCount", value=task.unchanged_count)
        cdk.CfnOutput(self, "RemovedCount", value=task.removed_count)
        cdk.CfnOutput(self, "ReportsUri", value=task.reports_uri)


app = cdk.App()
try:
    FleetStack(app, "ThingRegistration")
except InvalidDeclaration as problems:
    sys.exit(str(problems))
app.synth()
