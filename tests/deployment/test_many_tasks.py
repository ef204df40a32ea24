"""Twenty tasks in one stack on the simulated AWS, which asks IAM and the policies of buckets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from local import LocalAws
from tests.deployment.uploaded_stack import UploadedStack, simulated, synthesize
from tests.simulation.assembly import TEMPLATE
from tests.simulation.devices import device
from tests.simulation.invariants import all_tasks
from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask

pytestmark = pytest.mark.slow

TASKS = 20


def test_a_stack_with_twenty_tasks_registers_them_in_order_and_goes(tmp_path: Path) -> None:
    with simulated() as aws:
        assembly = synthesize(tmp_path, "Many", twenty_tasks)
        assembly.publish(aws)
        stack = UploadedStack(aws, "Many", assembly.templates["Many"], lambda status: None)

        assert stack.create() == "CREATE_COMPLETE", stack.reasons()
        outputs = stack.outputs()
        assert [outputs[f"Task{number}"] for number in range(TASKS)] == ["1"] * TASKS
        in_order = [f"many-{number}" for number in range(TASKS)]
        assert [first_thing(aws, task) for task in all_tasks(aws)] == in_order
        assert stack.delete() == "DELETE_COMPLETE", stack.reasons()


def first_thing(aws: LocalAws, task: dict[str, Any]) -> str:
    """The thing in the first line of a task's input."""
    where = {"Bucket": task["inputFileBucket"], "Key": task["inputFileKey"]}
    name: str = json.load(aws.client("s3").get_object(**where)["Body"])["ThingName"]
    return name


def twenty_tasks(stack: cdk.Stack) -> None:
    """One device each."""
    for number in range(TASKS):
        task = ThingRegistrationTask(
            stack,
            f"Fleet{number}",
            provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
            input_file=InputFile.from_records([device(f"many-{number}")]),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.CfnOutput(stack, f"Task{number}", value=task.success_count)
