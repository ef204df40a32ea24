"""One thing without a certificate. `-c thing=NAME` and `-c stack=NAME` name both.

make example NAME=smallest
"""

import aws_cdk as cdk

from thing_registration import (
    InputFile,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)


class Smallest(cdk.Stack):
    """A stack that leaves nothing but the thing and the log when it is deleted."""

    def __init__(self, scope: cdk.App, construct_id: str, thing: str) -> None:
        super().__init__(scope, construct_id)
        task = ThingRegistrationTask(
            self,
            "Registration",
            provisioning_template=ProvisioningTemplate.from_parts(Thing(Ref("ThingName"))),
            input_file=InputFile.from_records([{"ThingName": thing}]),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(self, "RegisteredCount", value=task.registered_count)


app = cdk.App()
Smallest(
    app,
    app.node.try_get_context("stack") or "Smallest",
    app.node.try_get_context("thing") or "smallest-thing",
)
app.synth()
