"""The whole story of a fleet with the real command lines: plan, remove, bring back, destroy."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import LocalAws
from tests.deployment.app_stack import Deployment, device

pytestmark = pytest.mark.slow

DEVICES = [device(number) for number in range(20)]
ALL = ("--context=deregister=all", "--context=removal=destroy")


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """app.py's stack, not deployed yet."""
    with LocalAws() as aws:
        deployment = Deployment(aws, tmp_path)
        deployment.bootstrap()
        yield deployment


def plan(deployment: Deployment, devices: list[dict[str, str]]) -> dict[str, Any]:
    """Return the plan of these devices."""
    file = deployment.folder / "planned.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in devices))
    code = "from thing_registration.cli import main; main()"
    arguments = ["plan", str(deployment.folder / "template.json"), str(file)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--stack", "ThingRegistration", "--json"],
        env={**os.environ, **deployment.aws.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    (task,) = json.loads(done.stdout)["tasks"]
    return dict(task)


def statuses(deployment: Deployment) -> list[str]:
    return sorted(each.status for each in deployment.registry.certificates())


def test_devices_leave_come_back_and_go_with_the_stack_and_a_foreign_one_stays(
    deployment: Deployment,
) -> None:
    iot = deployment.aws.client("iot")
    iot.create_thing(thingName="foreign")
    foreign = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName="foreign", principal=foreign["certificateArn"])
    assert deployment.deploy(DEVICES, *ALL).returncode == 0
    before = deployment.certificates()

    planned = plan(deployment, DEVICES[3:])
    assert planned["counts"]["removed"] == planned["deregister"]["retired"] == 3
    assert {each["becomes"] for each in planned["removed"]} == {"retired"}

    assert deployment.deploy(DEVICES[3:], *ALL).returncode == 0
    assert statuses(deployment) == ["ACTIVE"] * 18 + ["INACTIVE"] * 3
    assert deployment.certificates()["device-02"] == []

    (returning,) = plan(deployment, DEVICES[2:])["changed"]
    assert (returning["thing"], returning["returns"]) == ("device-02", True)

    assert deployment.deploy(DEVICES[2:], *ALL).returncode == 0
    assert statuses(deployment) == ["ACTIVE"] * 19 + ["INACTIVE"] * 2
    assert deployment.certificates()["device-02"] == before["device-02"]

    deployment.destroy()
    assert list(deployment.registry.things()) == ["foreign"]
    (left,) = deployment.registry.certificates()
    assert (left.certificate_id, left.status) == (foreign["certificateId"], "ACTIVE")
    buckets = deployment.aws.client("s3").list_buckets()["Buckets"]
    assert [each["Name"] for each in buckets if "fleet" in each["Name"].lower()] == []
