"""Lines that failed within the tolerance, and a file that does not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import sent_things
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.stacks import Stack
from thing_registration import InputFile
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.plan_command import plan_stack
from thing_registration.planning.plan import Plan

pytestmark = pytest.mark.slow


def plan(aws: SimulatedAws, stack: Stack, folder: Path) -> Plan:
    """Return what `thing-registration plan` says of the stack with the files that it has."""
    template, devices = folder / "template.json", folder / "devices.jsonl"
    template.write_text(stack.property("TemplateBody"))
    devices.write_text("".join(json.dumps(each) + "\n" for each in stack.devices()))
    session = AwsSession(region=aws.region, endpoint_url=aws.endpoint_url)
    file = InputFile.from_file(devices)
    (found,) = plan_stack(
        session, template, file, stack.name, None, ask=False, tell=lambda words: None
    )
    return found


def deploy_again(stack: Stack) -> None:
    """Deploy the same app again, as `cdk deploy` does: it may be that nothing has changed."""
    try:
        stack.update()
    except ClientError as error:
        arranged("No updates are to be performed" in str(error), str(error))


def test_what_a_plan_says_will_be_sent_is_sent_by_the_next_deployment_of_the_same_app(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand, tmp_path: Path
) -> None:
    stack.declare(MaxFailures="1")
    aws.faults(lines=[{"line": 2}])
    arranged(stack.create() == "CREATE_COMPLETE", "the stack is not created")
    aws.faults()
    planned = plan(aws, stack, tmp_path).to_send

    deploy_again(stack)

    sent = len(sent_things(by_hand, after=1))
    assert sent == planned, f"{planned} lines were to be sent, {sent} were"
