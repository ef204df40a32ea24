"""A key keeps its certificate, whatever becomes of the device's name, request and thing."""

import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.local.fleet import signed_csr
from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import Device, device
from tests.simulation.fleet.sent import NAMES, sent_as_known, sent_files, sent_things
from tests.simulation.fleet.templates import with_attribute
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def signed(key: Any, thing_name: str, subject: str = "device") -> Device:
    """A device with a key of the test's; another subject makes another CSR of the key."""
    return {"ThingName": thing_name, "CSR": signed_csr(key, subject)}


def new_key() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


def test_a_renamed_device_keeps_its_certificate(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(NAMES[0])
    first, *others = deployed.devices()
    deployed.declare_devices([{**first, "ThingName": "renamed"}, *others])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == sent_things(by_hand, after=1) == ["renamed"]
    assert registry.certificate_of("renamed") == certificate_id
    assert deployed.counts()["Removed"] == 1


def test_two_devices_that_swap_their_names_keep_their_certificates(
    deployed: Stack, registry: Registry
) -> None:
    first, second = (registry.certificate_of(name) for name in NAMES[:2])
    devices = deployed.devices()
    devices[0]["ThingName"], devices[1]["ThingName"] = NAMES[1], NAMES[0]
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert first in registry.certificates_of(NAMES[1])
    assert second in registry.certificates_of(NAMES[0])
    assert len(registry.certificates()) == 3


def test_another_request_of_the_same_key_sends_nothing(aws: Aws, stack: Stack) -> None:
    key = new_key()
    stack.declare_devices([signed(key, "one")])
    stack.create()
    stack.declare_devices([signed(key, "one", subject="signed again")])

    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert stack.counts()["Unchanged"] == 1


def test_another_request_of_the_same_key_in_a_changed_device_makes_no_certificate(
    stack: Stack, by_hand: ByHand, registry: Registry
) -> None:
    key = new_key()
    stack.declare_devices([signed(key, "one")])
    stack.create()
    stack.declare_devices([signed(key, "two", subject="signed again")])

    assert stack.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == ["two"]
    assert len(registry.certificates()) == 1


def test_a_new_key_of_a_known_device_gets_a_certificate_and_leaves_the_old_one(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    old = registry.certificate_of(NAMES[0])
    _, *others = deployed.devices()
    deployed.declare_devices([device(NAMES[0]), *others])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=1) == [NAMES[0]]
    assert not sent_files(by_hand)[-1].known
    both = registry.certificates_of(NAMES[0])
    assert (len(both), old in both) == (2, True)
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}


def test_a_device_that_gets_its_old_key_back_gets_its_old_certificate(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    devices = deployed.devices()
    deployed.declare_devices([device(NAMES[0]), *devices[1:]])
    deployed.update()
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=2) == [NAMES[0]]
    assert len(registry.certificates()) == 4


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_certificate_that_somebody_took_out_of_use_is_not_brought_back(
    aws: Aws, deployed: Stack, by_hand: ByHand, registry: Registry, status: str
) -> None:
    certificate_id = registry.certificate_of(NAMES[1])
    registry.set_status(certificate_id, status)
    deployed.declare_template(with_attribute("model", "m2"))

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert re.search(f"line 2: .* thing {NAMES[1]} is {status}", deployed.reason())
    assert NAMES[1] not in sent_things(by_hand, after=1)
    found = {each.certificate_id: each.status for each in registry.certificates()}
    assert found[certificate_id] == status
    assert len(found) == 3


def test_a_certificate_out_of_use_counts_as_one_failure_of_those_that_are_tolerated(
    deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    registry.set_status(registry.certificate_of(NAMES[1]), "INACTIVE")
    deployed.declare_template(with_attribute("model", "m2"))
    deployed.declare(MaxFailures="1")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == [NAMES[0], NAMES[2]]
    counts = deployed.counts()
    assert (counts["Succeeded"], counts["Failed"]) == (2, 1)


def test_one_key_on_two_lines_is_refused_before_anything_starts(aws: Aws, stack: Stack) -> None:
    key = new_key()
    stack.declare_devices([signed(key, "one"), device("two"), signed(key, "three", "again")])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert ".jsonl:3: uses the same key as line 1" in stack.reason()
    assert starts(aws) == []


def test_one_thing_on_two_lines_is_refused_before_anything_starts(
    aws: Aws, deployed: Stack
) -> None:
    deployed.declare_devices([*deployed.devices(), device(NAMES[1])])

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert ".jsonl:4: uses the same thing name as line 2" in deployed.reason()
    assert len(starts(aws)) == 1
