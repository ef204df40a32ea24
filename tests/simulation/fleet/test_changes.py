"""A later deployment sends what is new or changed in file and template, and nothing else."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.fleet.sent import NAMES, sent_as_known, sent_files, sent_things
from tests.simulation.fleet.templates import with_attribute, with_site
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_line_that_is_added_is_the_only_one_that_is_sent(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_devices([*deployed.devices(), device("added")])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=1) == ["added"]
    assert len(registry.certificates()) == 4
    told = {"Succeeded": 1, "Failed": 0, "Registered": 4, "Unchanged": 3, "Removed": 0}
    assert deployed.counts() == told


def test_a_line_that_is_removed_is_told_and_its_device_left_as_it_is(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    task_id = deployed.outputs()["TaskId"]
    deployed.declare_devices(deployed.devices()[:2])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    told = {"Succeeded": 0, "Failed": 0, "Registered": 3, "Unchanged": 2, "Removed": 1}
    assert deployed.counts() == told
    assert deployed.outputs()["TaskId"] == task_id
    assert registry.certificate_of(NAMES[2])


def test_lines_in_another_order_send_nothing(aws: Aws, deployed: Stack) -> None:
    deployed.declare_devices(reversed(deployed.devices()))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert deployed.counts()["Unchanged"] == 3


def test_another_tolerance_and_timeout_send_nothing(aws: Aws, deployed: Stack) -> None:
    deployed.declare(MaxFailures="50%", TimeoutSeconds="601")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_another_role_sends_nothing(aws: Aws, deployed: Stack) -> None:
    iam = aws.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "iot.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = f'{{"Version": "2012-10-17", "Statement": [{trust}]}}'.replace("'", '"')
    role = iam.create_role(RoleName="Another", AssumeRolePolicyDocument=document)["Role"]
    deployed.declare(RoleArn=role["Arn"])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert deployed.counts()["Unchanged"] == 3


def test_an_edit_of_the_template_sends_every_device_with_the_certificate_that_it_has(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    before = registry.certificate_ids()
    deployed.declare_template(with_attribute("model", "m2"))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == NAMES
    assert registry.things() == {name: {"model": "m2"} for name in NAMES}
    assert registry.certificate_ids() == before


def test_an_edit_that_takes_an_attribute_away_takes_it_from_the_devices(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_template(with_attribute("model", "m2"))
    deployed.update()
    deployed.declare_template(with_attribute("site", "lab"))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.things() == {name: {"site": "lab"} for name in NAMES}
    assert len(registry.certificates()) == 3


def test_an_edit_of_a_default_sends_only_the_devices_that_use_it(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_template(with_site("lab"))
    first, *others = deployed.devices()
    deployed.declare_devices([{**first, "Site": "roof"}, *others])
    deployed.update()
    before = len(sent_files(by_hand))
    deployed.declare_template(with_site("hall"))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=before) == NAMES[1:]
    sites = {name: thing["site"] for name, thing in registry.things().items()}
    assert sites == {NAMES[0]: "roof", NAMES[1]: "hall", NAMES[2]: "hall"}


def test_new_and_known_devices_of_one_deployment_go_into_two_files(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_template(with_attribute("model", "m2"))
    deployed.declare_devices([device("new"), *deployed.devices()])

    assert deployed.update() == "UPDATE_COMPLETE"
    files = sent_files(by_hand)[1:]
    assert sorted((file.known, file.things) for file in files) == [(False, ["new"]), (True, NAMES)]
    assert deployed.outputs()["TaskId"] == all_tasks(by_hand.aws)[-1]["taskId"]
    assert deployed.counts()["Succeeded"] == 4
    assert len(registry.certificates()) == 4


def test_a_line_that_fails_is_named_by_its_number_in_the_users_file(
    aws: Aws, deployed: Stack
) -> None:
    deployed.declare_devices([*deployed.devices(), device("good"), device("bad")])
    aws.faults(lines=[{"pattern": '"bad"', "message": "no room"}])

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "line 5, thing bad: no room" in deployed.reason()


def test_a_rolled_back_update_is_compared_by_the_next_one_like_any_other(
    aws: Aws, deployed: Stack, by_hand: ByHand
) -> None:
    deployed.declare_devices([*deployed.devices(), device("added")])
    deployed.declare_failing_resource()
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    del deployed.template["Resources"]["Fails"]
    deployed.declare_devices([*deployed.devices(), device("later")])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=1) == ["added", "later"]
    told = {"Succeeded": 1, "Failed": 0, "Registered": 5, "Unchanged": 4, "Removed": 0}
    assert deployed.counts() == told
