"""Twenty tasks in one stack on the local AWS, which asks IAM and the policies of buckets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from local import LocalAws
from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION
from tests.simulation.declared import ASSETS, TEMPLATE, Assembly, _content, _files
from tests.simulation.devices import Device, device
from tests.simulation.invariants import all_tasks
from tests.simulation.stacks import Stack
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask

pytestmark = pytest.mark.slow

TASKS = 20


class UploadedStack(Stack):
    """A stack whose template is longer than the 51,200 characters that a call may have."""

    def begin_create(self) -> None:
        """Send CreateStack."""
        body = json.dumps(self.template)
        self.aws.client("s3").put_object(Bucket=ASSETS, Key="many.json", Body=body)
        self._id = self.aws.client("cloudformation").create_stack(
            StackName=self.name,
            TemplateURL=f"{self.aws.endpoint_url}/{ASSETS}/many.json",
            Capabilities=["CAPABILITY_IAM"],
        )["StackId"]


def test_a_stack_with_twenty_tasks_registers_them_in_order_and_goes(tmp_path: Path) -> None:
    with LocalAws() as aws:
        assembly = twenty_tasks(tmp_path)
        assembly.publish(aws)
        stack = UploadedStack(aws, "Many", assembly.templates["Many"], lambda status: None)

        assert stack.create(300) == "CREATE_COMPLETE", stack.reasons()
        outputs = stack.outputs()
        assert [outputs[f"Task{number}"] for number in range(TASKS)] == ["1"] * TASKS
        in_order = [f"many-{number}" for number in range(TASKS)]
        assert [first_thing(aws, task) for task in all_tasks(aws)] == in_order
        assert stack.delete(300) == "DELETE_COMPLETE", stack.reasons()


def first_thing(aws: LocalAws, task: dict[str, Any]) -> str:
    """The thing in the first line of a task's input."""
    where = {"Bucket": task["inputFileBucket"], "Key": task["inputFileKey"]}
    name: str = json.load(aws.client("s3").get_object(**where)["Body"])["ThingName"]
    return name


def twenty_tasks(folder: Path) -> Assembly:
    """One device each."""
    app = cdk.App(outdir=str(folder))
    stack = cdk.Stack(
        app,
        "Many",
        env=cdk.Environment(account=DEFAULT_ACCOUNT, region=DEFAULT_REGION),
        synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
    )
    for number in range(TASKS):
        devices: list[Device] = [device(f"many-{number}")]
        task = ThingRegistrationTask(
            stack,
            f"Fleet{number}",
            provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
            input_file=InputFile.from_records(devices),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(stack, f"Task{number}", value=task.success_count)
    assembly = app.synth()
    return Assembly(
        templates={"Many": assembly.get_stack_by_name("Many").template},
        assets={key: _content(folder / path) for key, path in _files(folder / "Many.assets.json")},
    )
