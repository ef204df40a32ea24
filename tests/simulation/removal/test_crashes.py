"""A worker that dies while it deregisters, behind each of its calls."""

from collections.abc import Callable

import pytest

from tests.simulation.aws import Aws
from tests.simulation.devices import device
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

# A client calls six times before the worker dies of it.
ATTEMPTS = 6
RETIREMENT = ("DescribeCertificate", "ListPrincipalThings")
DELETION = ("ListPrincipalThings", "DetachThingPrincipal", "UpdateCertificate")


@pytest.fixture
def removed(deployed: Stack) -> Stack:
    """The stack whose next file lacks a device that is registered, and has a new one."""
    deployed.declare_devices([*deployed.devices()[:2], device("added")])
    return deployed


@pytest.fixture
def whole(new_stack: Callable[[str], Stack]) -> Stack:
    """A stack that deletes its devices with itself, with one of them retired."""
    stack = new_stack("Removal")
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare_devices(stack.devices()[:2])
    assert stack.update() == "UPDATE_COMPLETE"
    return stack


@pytest.mark.parametrize("api", [*RETIREMENT, "UpdateCertificate"])
def test_a_worker_that_dies_behind_a_call_of_a_retirement_carries_on(
    aws: Aws, removed: Stack, registry: Registry, api: str
) -> None:
    aws.faults(calls=[{"api": api, "what": "dropped", "when": "after", "next": ATTEMPTS}])

    assert removed.update() == "UPDATE_COMPLETE"
    _is_retired(registry)
    assert removed.counts()["Registered"] == 3


@pytest.mark.parametrize("api", [*DELETION, "DeleteCertificate", "DeleteThing"])
def test_a_worker_that_dies_behind_a_call_of_a_deletion_carries_on(
    aws: Aws, whole: Stack, registry: Registry, api: str
) -> None:
    aws.faults(calls=[{"api": api, "what": "dropped", "when": "after", "next": ATTEMPTS}])

    assert whole.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


@pytest.mark.parametrize("what", ["dies_before", "dies_after", "times_out"])
def test_a_worker_that_dies_once_while_it_retires_carries_on(
    aws: Aws, removed: Stack, registry: Registry, what: str
) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Deregister"}, "what": what, "next": 1}])

    assert removed.update() == "UPDATE_COMPLETE"
    _is_retired(registry)
    assert removed.counts()["Registered"] == 3


@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_a_worker_that_dies_each_time_fails_and_the_next_deployment_goes_on(
    aws: Aws, removed: Stack, registry: Registry, what: str
) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Deregister"}, "what": what, "next": 5}])
    assert removed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "a step of the registration died: Runtime.ExitError" in removed.reason()
    aws.faults()

    assert removed.update() == "UPDATE_COMPLETE"
    _is_retired(registry)
    assert removed.counts()["Registered"] == 3


@pytest.mark.parametrize("step", ["Recover", "Deregister", "Stop"])
@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
def test_a_worker_that_dies_once_while_it_deletes_carries_on(
    aws: Aws, whole: Stack, registry: Registry, step: str, what: str
) -> None:
    aws.faults(lambdas=[{"payload": {"step": step}, "what": what, "next": 1}])

    assert whole.delete() == "DELETE_COMPLETE"
    assert (registry.things(), registry.certificates()) == ({}, [])


def test_a_worker_that_dies_while_it_brings_a_certificate_back_carries_on(
    aws: Aws, removed: Stack, registry: Registry
) -> None:
    line = removed.devices()[:2]
    gone = removed.device("added")
    assert removed.update() == "UPDATE_COMPLETE"
    removed.declare_devices(line)
    assert removed.update() == "UPDATE_COMPLETE"
    removed.declare_devices([*line, gone])
    fault = {"api": "UpdateCertificate", "what": "dropped", "when": "after", "next": ATTEMPTS}
    aws.faults(calls=[fault])

    assert removed.update() == "UPDATE_COMPLETE"
    assert registry.statuses()[registry.certificate_of("added")] == "ACTIVE"


def test_a_line_that_was_being_brought_back_when_the_worker_died_is_retired_without_it(
    aws: Aws, removed: Stack, registry: Registry
) -> None:
    two, gone = removed.devices()[:2], removed.device("added")
    assert removed.update() == "UPDATE_COMPLETE"
    removed.declare_devices(two)
    assert removed.update() == "UPDATE_COMPLETE"
    removed.declare_devices([*two, gone])
    aws.faults(lambdas=[{"payload": {"step": "LookUp"}, "what": "dies_after", "next": 5}])
    assert removed.update() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults()
    removed.declare_devices(two)
    removed.declare(TimeoutSeconds="601")

    assert removed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"] * 2


def _is_retired(registry: Registry) -> None:
    assert registry.statuses()[registry.certificate_of(NAMES[2])] == "INACTIVE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 3 + ["INACTIVE"]
    assert set(registry.things()) == {*NAMES, "added"}
