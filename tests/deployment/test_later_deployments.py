"""Later deployments with the real `cdk` command line: the file is the fleet, a key has one
certificate, and what was destroyed deploys again.
"""

import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import LocalAws
from tests.deployment.app_stack import Deployment, device

pytestmark = pytest.mark.slow

DEVICES = [device(number) for number in range(20)]
NAMES = [each["ThingName"] for each in DEVICES]
GROUPS = 600
# What app.py does not leave to the context: the tolerance and the role.
APP = """
import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from thing_registration import InputFile, Prerequisites, ProvisioningTemplate, ThingRegistrationTask

app = cdk.App()
stack = cdk.Stack(app, "Tuned")
context = app.node.try_get_context
role = None
if context("role"):
    policy = iam.ManagedPolicy.from_aws_managed_policy_name(
        "service-role/AWSIoTThingsRegistration"
    )
    iot = iam.ServicePrincipal("iot.amazonaws.com")
    role = iam.Role(stack, context("role"), assumed_by=iot, managed_policies=[policy])
task = ThingRegistrationTask(
    stack,
    "Fleet",
    provisioning_template=ProvisioningTemplate.from_file(context("template")),
    input_file=InputFile.from_file(context("input")),
    max_failures=int(context("max_failures") or 0),
    role=role,
    prerequisites=Prerequisites.CREATE,
)
cdk.CfnOutput(stack, "SuccessCount", value=task.success_count)
cdk.CfnOutput(stack, "FailureCount", value=task.failure_count)
cdk.CfnOutput(stack, "RegisteredCount", value=task.registered_count)
cdk.CfnOutput(stack, "UnchangedCount", value=task.unchanged_count)
cdk.CfnOutput(stack, "RemovedCount", value=task.removed_count)
app.synth()
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """app.py's stack, not deployed yet; at the end no key has two certificates."""
    with LocalAws() as aws:
        deployment = Deployment(aws, tmp_path)
        deployment.bootstrap()
        yield deployment
        assert all(len(ids) == 1 for ids in deployment.registry.certificate_ids().values())


def test_a_line_more_and_a_line_less_make_one_certificate_a_device(deployment: Deployment) -> None:
    assert deployment.deploy(DEVICES).returncode == 0
    assert deployment.deploy([*DEVICES, device(20)]).returncode == 0
    told = {"Success": 1, "Failure": 0, "Registered": 21, "Unchanged": 20, "Removed": 0}
    assert deployment.counts() == told

    assert deployment.deploy(DEVICES[1:]).returncode == 0
    told = {"Success": 0, "Failure": 0, "Registered": 21, "Unchanged": 19, "Removed": 2}
    assert deployment.counts() == told
    assert {len(ids) for ids in deployment.certificates().values()} == {1}
    assert len(deployment.registry.certificates()) == len(deployment.registry.things()) == 21
    assert len(deployment.tasks()) == 2


def test_a_first_deployment_with_a_failing_device_is_mended_and_deployed_again(
    deployment: Deployment,
) -> None:
    deployment.aws.faults(lines=[{"pattern": "device-07", "message": "no room"}])
    failed = deployment.deploy(DEVICES)
    deployment.aws.faults()

    mended = deployment.deploy(DEVICES)

    assert (failed.returncode, mended.returncode) == (1, 0), mended.stderr
    assert "line 8, thing device-07: no room" in failed.stderr
    assert sorted(deployment.certificates()) == NAMES
    assert len(deployment.registry.certificates()) == 20
    assert deployment.counts()["Registered"] == 20


def test_what_was_destroyed_deploys_again_with_the_same_certificates(
    deployment: Deployment,
) -> None:
    assert deployment.deploy(DEVICES).returncode == 0
    before = deployment.certificates()
    deployment.destroy()

    again = deployment.deploy(DEVICES)

    assert again.returncode == 0, again.stderr
    assert deployment.certificates() == before
    assert deployment.counts()["Registered"] == 20


def test_another_tolerance_and_another_role_send_nothing(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP)
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(app))}"
    with LocalAws() as aws:
        deployment = Deployment(aws, tmp_path, command, "Tuned")
        deployment.bootstrap()
        assert deployment.deploy(DEVICES).returncode == 0
        before = deployment.certificates()

        tolerant = deployment.deploy(DEVICES, "--context=max_failures=3")
        other_role = deployment.deploy(DEVICES, "--context=role=Another")

        assert (tolerant.returncode, other_role.returncode) == (0, 0), other_role.stderr
        assert deployment.certificates() == before
        assert len(deployment.tasks()) == 1
        assert deployment.counts()["Unchanged"] == 20


def test_600_groups_fit_into_a_stack_and_are_there_for_the_next_one(deployment: Deployment) -> None:
    template = {
        "Parameters": {"ThingName": {"Type": "String"}, "Group": {"Type": "String"}},
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": "ThingName"},
                    "ThingGroups": [{"Ref": "Group"}],
                },
            }
        },
    }
    (deployment.folder / "template.json").write_text(json.dumps(template))
    devices = [{"ThingName": f"meter-{n:03}", "Group": f"site-{n:03}"} for n in range(GROUPS)]

    first = deployment.deploy(devices)
    deployment.destroy()
    again = deployment.deploy(devices)

    assert (first.returncode, again.returncode) == (0, 0), again.stderr
    iot = deployment.aws.client("iot")
    pages = iot.get_paginator("list_thing_groups").paginate()
    assert sum(len(page["thingGroups"]) for page in pages) == GROUPS
    assert len(deployment.registry.things()) == GROUPS
