"""A template written in Python, with the names of a thing type and a policy of the same stack.

cdk deploy --app "python3 examples/names_of_this_stack/app.py"
"""

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
                "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}],
            },
        )
        # The meters outlive this stack, and AWS deletes neither while they use it.
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
            input_file=InputFile.from_file("examples/names_of_this_stack/meters.jsonl"),
            max_failures="1%",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(self, "TaskId", value=task.task_id)


app = cdk.App()
Meters(app, "Meters")
app.synth()
