"""A fleet in two files: a provisioning template and an input file in JSON Lines.

make example NAME=fleet
"""

from pathlib import Path

import aws_cdk as cdk

from thing_registration import (
    InputFile,
    Prerequisites,
    ProvisioningTemplate,
    ThingRegistrationTask,
)

HERE = Path(__file__).parent


class Fleet(cdk.Stack):
    """Air sensors with a certificate each, in one thing group and one billing group."""

    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        task = ThingRegistrationTask(
            self,
            "Registration",
            provisioning_template=ProvisioningTemplate.from_file(HERE / "template.json"),
            input_file=InputFile.from_file(HERE / "devices.jsonl"),
            # The thing type, the groups and the policy that the template names are made first, if
            # they are missing.
            prerequisites=Prerequisites.CREATE,
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)
        cdk.CfnOutput(self, "SuccessCount", value=task.success_count)
        cdk.CfnOutput(self, "FailureCount", value=task.failure_count)
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)
        cdk.CfnOutput(self, "UnchangedCount", value=task.unchanged_count)
        cdk.CfnOutput(self, "RemovedCount", value=task.removed_count)
        cdk.CfnOutput(self, "ReportsUri", value=task.reports_uri)


app = cdk.App()
Fleet(app, "Fleet")
app.synth()
