"""The whole story of a fleet: deploy, plan, remove, bring back, destroy."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from typer.testing import CliRunner

from tests.deployment.app_stack import TEMPLATE, device
from tests.deployment.uploaded_stack import FleetStack, inside, simulated
from thing_registration import Deregister
from thing_registration.cli import app

pytestmark = pytest.mark.slow

DEVICES = [device(number) for number in range(20)]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[FleetStack]:
    """A stack that is not created yet."""
    with simulated() as aws:
        yield FleetStack(aws, tmp_path)


def deploy(stack: FleetStack, devices: list[dict[str, str]]) -> str:
    """Deploy a stack that leaves nothing when it is deleted."""
    removal = cdk.RemovalPolicy.DESTROY
    return stack.deploy(devices, deregister=Deregister.ALL, removal_policy=removal)


def plan(stack: FleetStack, folder: Path, devices: list[dict[str, str]]) -> dict[str, Any]:
    """Return the plan of these devices."""
    template, file = folder / "template.json", folder / "planned.jsonl"
    template.write_text(json.dumps(TEMPLATE))
    file.write_text("".join(f"{json.dumps(each)}\n" for each in devices))
    arguments = ["plan", str(template), str(file), "--stack", stack.name, "--json"]
    environment = {
        "AWS_ENDPOINT_URL": stack.aws.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": stack.aws.region,
    }
    with inside(stack.aws):
        done = CliRunner().invoke(app, arguments, env=environment)
    assert done.exit_code == 0, done.output
    (task,) = json.loads(done.stdout)["tasks"]
    return dict(task)


def statuses(stack: FleetStack) -> list[str]:
    return sorted(each.status for each in stack.registry.certificates())


def test_devices_leave_come_back_and_go_with_the_stack_and_a_foreign_one_stays(
    stack: FleetStack, tmp_path: Path
) -> None:
    iot = stack.aws.client("iot")
    iot.create_thing(thingName="foreign")
    foreign = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName="foreign", principal=foreign["certificateArn"])
    assert deploy(stack, DEVICES) == "CREATE_COMPLETE"
    before = stack.certificates()

    planned = plan(stack, tmp_path, DEVICES[3:])
    assert planned["counts"]["removed"] == planned["deregister"]["retired"] == 3
    assert {each["becomes"] for each in planned["removed"]} == {"retired"}

    assert deploy(stack, DEVICES[3:]) == "UPDATE_COMPLETE"
    assert statuses(stack) == ["ACTIVE"] * 18 + ["INACTIVE"] * 3
    assert stack.certificates() == before

    (returning,) = plan(stack, tmp_path, DEVICES[2:])["changed"]
    assert (returning["thing"], returning["returns"]) == ("device-02", True)

    assert deploy(stack, DEVICES[2:]) == "UPDATE_COMPLETE"
    assert statuses(stack) == ["ACTIVE"] * 19 + ["INACTIVE"] * 2
    assert stack.certificates()["device-02"] == before["device-02"]

    assert stack.delete() == "DELETE_COMPLETE"
    assert list(stack.registry.things()) == ["foreign"]
    (left,) = stack.registry.certificates()
    assert (left.certificate_id, left.status) == (foreign["certificateId"], "ACTIVE")
    buckets = stack.aws.client("s3").list_buckets()["Buckets"]
    assert [each["Name"] for each in buckets if "fleet" in each["Name"].lower()] == []
