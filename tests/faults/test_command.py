"""`thing-registration deregister` deletes for good what a stack's task has made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from local import LocalAws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.fleet.sent import sent_things
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def deployed(new_stack: Callable[[str], Stack]) -> Stack:
    """The stack that may deregister, with its three devices; removed lines are retired."""
    stack = new_stack("Removal")
    stack.declare(Deregister="REMOVED_LINES")
    assert stack.create() == "CREATE_COMPLETE"
    return stack


@pytest.fixture
def deregister(aws: LocalAws) -> Run:
    """Runs the command on the stack, with the answer that a person types."""

    def run(*arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        code = "from thing_registration.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, "deregister", "--stack", "Removal", *arguments],
            env={**os.environ, **aws.environment()},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_deletes_what_was_made_and_leaves_what_was_not(
    aws: LocalAws, deployed: Stack, deregister: Run, registry: Registry
) -> None:
    aws.client("iot").create_thing(thingName="foreign")

    done = deregister("--yes")

    assert done.returncode == 0, done.stderr
    assert "3 devices that it made are deleted for good, with 3 certificates" in done.stdout
    assert "deregistered 3 devices" in done.stdout
    assert (list(registry.things()), registry.certificates()) == (["foreign"], [])


def test_the_next_deployment_registers_what_was_deleted(
    deployed: Stack, deregister: Run, by_hand: ByHand, registry: Registry
) -> None:
    deregister("--yes")
    deployed.declare_devices([*deployed.devices(), device("added")])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(sent_things(by_hand, after=1)) == sorted([*NAMES, "added"])
    assert len(registry.certificates()) == 4


def test_it_asks_and_a_no_deletes_nothing(
    deployed: Stack, deregister: Run, registry: Registry
) -> None:
    done = deregister(answer="n\n")

    assert done.returncode == 1
    assert "Delete them? [y/N]" in done.stdout
    assert done.stderr == "error: nothing was deleted, because you did not agree\n"
    assert len(registry.certificates()) == 3


def test_only_retired_devices_are_deleted_where_that_is_asked_for(
    deployed: Stack, deregister: Run, registry: Registry
) -> None:
    deployed.declare_devices(deployed.devices()[:2])
    assert deployed.update() == "UPDATE_COMPLETE"

    done = deregister("--retired", answer="y\n")

    assert "1 retired devices that it made" in done.stdout
    assert sorted(registry.things()) == NAMES[:2]
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}
    assert "there is nothing to delete" in deregister("--retired").stdout


def test_what_aws_refuses_is_named_and_tried_again_by_the_next_command(
    aws: LocalAws, deployed: Stack, deregister: Run, registry: Registry
) -> None:
    fault = {"api": "DeleteThing", "code": "VersionConflictException", "message": "no"}
    aws.faults(calls=[{**fault, "next": 3}])

    refused = deregister("--yes")
    again = deregister("--yes")

    assert refused.returncode == 1
    assert f"thing {NAMES[0]}: DeleteThing: VersionConflictException: no" in refused.stderr
    assert (again.returncode, registry.things()) == (0, {})


def test_a_stack_that_is_unknown_is_an_error_in_one_line(deployed: Stack, deregister: Run) -> None:
    done = deregister("--stack", "Other")

    assert (done.returncode, done.stderr) == (
        1,
        "error: stack Other is not deployed in Region us-east-1 of account 000000000000: check "
        "--region and --profile\n",
    )
