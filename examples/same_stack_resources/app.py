"""A template written in Python that refers to a thing type and a policy of the same stack.

make example NAME=same_stack_resources
"""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iot as iot

from thing_registration import (
    Certificate,
    InputFile,
    Policy,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)

HERE = Path(__file__).parent


class Meters(cdk.Stack):
    """Electricity meters, whose factory has made their keys."""

    def __init__(self, scope: cdk.App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        meter = iot.CfnThingType(self, "Meter")
        connect = iot.CfnPolicy(
            self,
            "Connect",
            policy_document={
                "Version": "2012-10-17",
                # A meter may connect under its own name only, with a certificate of its own.
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "iot:Connect",
                        "Resource": self.format_arn(
                            service="iot",
                            resource="client",
                            resource_name="${iot:Connection.Thing.ThingName}",
                        ),
                        "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
                    }
                ],
            },
        )
        # The meters outlive this stack, and AWS deletes neither of the two while meters use it.
        for used in (meter, connect):
            used.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        task = ThingRegistrationTask(
            self,
            "Registration",
            # Both are created before the task starts: the template refers to them.
            provisioning_template=ProvisioningTemplate.from_parts(
                Thing(Ref("Serial"), attributes={"site": Ref("Site", "lab")}, thing_type=meter),
                Certificate(certificate_signing_request=Ref("CSR")),
                Policy(connect),
            ),
            input_file=InputFile.from_file(HERE / "meters.jsonl"),
            max_failures="1%",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)
        cdk.CfnOutput(self, "UnchangedCount", value=task.unchanged_count)
        cdk.CfnOutput(self, "RemovedCount", value=task.removed_count)


app = cdk.App()
Meters(app, "Meters")
app.synth()
