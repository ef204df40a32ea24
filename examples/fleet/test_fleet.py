"""Tests of the app beside this file, as you would write them for yours: they need no AWS."""

import json
from pathlib import Path

import aws_cdk as cdk
from aws_cdk.assertions import Template

from thing_registration import InputFile, ProvisioningTemplate, ThingRegistrationTask, check

HERE = Path(__file__).parent
TEMPLATE = ProvisioningTemplate.from_file(HERE / "template.json")
DEVICES = InputFile.from_file(HERE / "devices.jsonl")


def synthesized() -> Template:
    """The template of a stack with this fleet."""
    stack = cdk.Stack(cdk.App(), "Fleet")
    ThingRegistrationTask(stack, "Registration", provisioning_template=TEMPLATE, input_file=DEVICES)
    return Template.from_stack(stack)


def test_the_fleet_can_be_registered() -> None:
    verdict = check(TEMPLATE, DEVICES)

    assert not verdict.errors, str(verdict)
    assert verdict.lines == 5


def test_the_task_fails_with_its_first_device() -> None:
    synthesized().has_resource_properties("Custom::ThingRegistrationTask", {"MaxFailures": "0"})


def test_each_device_is_in_the_group_of_sensors() -> None:
    (task,) = synthesized().find_resources("Custom::ThingRegistrationTask").values()

    thing = json.loads(task["Properties"]["TemplateBody"])["Resources"]["thing"]["Properties"]
    assert thing["ThingGroups"] == ["sensors"]


def test_the_bucket_outlives_the_stack() -> None:
    synthesized().has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})
