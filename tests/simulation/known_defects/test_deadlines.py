"""Each request is answered in time, however long a step takes and whatever the account has."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import TEMPLATE
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.invariants import all_tasks
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.earlier_fleet import register_before
from tests.simulation.known_defects.filled_account import FilledAccount
from tests.simulation.known_defects.watch import Watch
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

TIMEOUT, GIVEN_UP = 300, 900
# A call of the worker that has begun before the deadline may end after it.
LONGEST_CALL = 120
# Things with two certificates each, of which AWS lets the worker describe five a second.
EXISTING = 350


@dataclass(frozen=True)
class Life:
    """What a row has to do with."""

    aws: SimulatedAws
    stack: Stack
    watch: Watch
    by_hand: ByHand
    account: FilledAccount


@pytest.fixture
def life(
    aws: SimulatedAws,
    stack: Stack,
    watch: Watch,
    by_hand: ByHand,
    account: FilledAccount,
) -> Life:
    """All of it."""
    return Life(aws, stack, watch, by_hand, account)


def slow_recovery(life: Life) -> None:
    """A stack was destroyed after a line had failed; others made certificates at that time."""
    life.aws.faults(lines=[{"line": 2}])
    arranged(life.stack.create() == "ROLLBACK_COMPLETE", "no line has failed")
    life.account.add_certificates(60, all_tasks(life.by_hand.aws)[-1]["creationDate"])
    life.aws.faults()
    life.stack.delete()
    life.watch.slow("Recover", "DescribeCertificate", 19)


def slow_comparison(life: Life) -> None:
    """A call compares one line."""
    life.stack.declare_new_file(count=20)
    life.watch.slow("Compare", "GetObject", 24)


def slow_names(life: Life) -> None:
    """Each device has a policy of its own, and AWS takes long to say that it exists."""
    template = copy.deepcopy(TEMPLATE)
    template["Parameters"]["Policy"] = {"Type": "String"}
    properties = {"PolicyName": {"Ref": "Policy"}}
    template["Resources"]["policy"] = {"Type": "AWS::IoT::Policy", "Properties": properties}
    life.stack.declare_template(template)
    iot = life.aws.client("iot")
    names = [f"policy-{number}" for number in range(60)]
    for name in names:
        document = json.dumps({"Version": "2012-10-17", "Statement": []})
        iot.create_policy(policyName=name, policyDocument=document)
    life.stack.declare_devices({**device(f"of-{name}"), "Policy": name} for name in names)
    life.watch.slow("Provide", "GetPolicy", 19)


def slow_look_up(life: Life) -> None:
    """Each thing has two certificates, and AWS takes long to describe one."""
    devices = [device(f"known-{number}") for number in range(30)]
    register_before(life.by_hand, devices, TEMPLATE, times=2)
    life.stack.declare_devices(devices)
    life.watch.slow("LookUp", "DescribeCertificate", 19)


@pytest.mark.parametrize("slowly", [slow_recovery, slow_comparison, slow_names, slow_look_up])
def test_a_request_is_answered_at_its_deadline_however_long_a_step_takes(
    aws: SimulatedAws, stack: Stack, life: Life, slowly: Callable[[Life], None]
) -> None:
    stack.declare(TimeoutSeconds=str(TIMEOUT), ServiceTimeout=str(GIVEN_UP))
    slowly(life)
    stack.begin_create()
    began = aws.now

    stack.end()

    create = [one for one in aws.journal("event") if one["request_type"] == "Create"][-1]
    answers = [
        answer["time"]
        for answer in aws.journal("answer")
        if answer["request_id"] == create["request_id"]
    ]
    arranged(aws.now - began > TIMEOUT, "the step has ended in time")
    assert answers, f"no answer in {GIVEN_UP} seconds, the timeout is {TIMEOUT}"
    assert answers[0] - create["time"] < TIMEOUT + LONGEST_CALL


def test_devices_that_exist_are_looked_up_in_the_time_that_was_estimated_or_refused(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand
) -> None:
    devices = [device(f"known-{number}") for number in range(EXISTING)]
    register_before(by_hand, devices, TEMPLATE, times=2)
    stack.declare_devices(devices)
    # Compare estimates 7 seconds for the look-ups and 1 for the task.
    stack.declare(TimeoutSeconds="30", ThingsPerSecond="400")
    stack.begin_create()
    began = aws.now

    stack.end()

    assert aws.now - began < 30 + LONGEST_CALL


def test_certificates_that_are_newer_than_the_task_of_a_failed_line_are_not_asked_about(
    aws: SimulatedAws, stack: Stack, watch: Watch, account: FilledAccount
) -> None:
    after_a_failed_line(aws, stack)
    aws.sleep(3_600)
    account.add_certificates(2_000, datetime.now(UTC))
    stack.declare_new_file()

    status = stack.update()

    asked = watch.calls["Recover"]
    assert (status, asked < 200) == ("UPDATE_COMPLETE", True), f"{asked} calls of Recover"


def test_a_deployment_goes_on_with_the_search_that_the_one_before_could_not_end(
    aws: SimulatedAws, by_hand: ByHand, stack: Stack, account: FilledAccount
) -> None:
    after_a_failed_line(aws, stack)
    (task,) = all_tasks(by_hand.aws)
    account.add_certificates(2_000, task["creationDate"])
    stack.declare_new_file()
    statuses = []
    for number in range(3):
        stack.declare(MaxFailures=str(number + 1))
        statuses.append(stack.update())

    assert "UPDATE_COMPLETE" in statuses, statuses


def after_a_failed_line(aws: SimulatedAws, stack: Stack) -> None:
    """Create a stack whose line failed, within the tolerance."""
    stack.declare(MaxFailures="1", TimeoutSeconds="180", ServiceTimeout="240")
    aws.faults(lines=[{"line": 2}])
    arranged(stack.create() == "CREATE_COMPLETE", "the stack is not created")
    aws.faults()
