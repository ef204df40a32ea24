"""A list of devices as a factory sends it: CSV, with column names of its own.

make example NAME=csv
"""

from pathlib import Path

import aws_cdk as cdk

from thing_registration import (
    InputFile,
    Prerequisites,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)

HERE = Path(__file__).parent


class Valves(cdk.Stack):
    """Valves without certificates, in one thing group for each line of the plant."""

    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        task = ThingRegistrationTask(
            self,
            "Registration",
            provisioning_template=ProvisioningTemplate.from_parts(
                Thing(
                    Ref("Name"),
                    attributes={"batch": Ref("Batch")},
                    thing_groups=[Ref("Line")],
                )
            ),
            input_file=InputFile.from_csv(
                HERE / "valves.csv",
                columns={"Serial no.": "Name", "Batch": "Batch", "Line": "Line", "Remarks": None},
            ),
            # The groups that the column names are made first, if they are missing.
            prerequisites=Prerequisites.CREATE,
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)
        cdk.CfnOutput(self, "UnchangedCount", value=task.unchanged_count)
        cdk.CfnOutput(self, "RemovedCount", value=task.removed_count)


app = cdk.App()
Valves(app, "Valves")
app.synth()
