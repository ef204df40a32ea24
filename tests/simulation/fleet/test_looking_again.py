"""What AWS's registry shows decides: with `rerun` for every device, else for those that changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import NAMES, sent_as_known, sent_things
from tests.simulation.fleet.templates import with_attribute
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def with_billing_group(name: str) -> dict[str, Any]:
    """Return the template with a billing group."""
    template = with_attribute("model", "m1")
    template["Resources"]["thing"]["Properties"]["BillingGroup"] = name
    return template


def detach(aws: Aws, registry: Registry, thing_name: str) -> None:
    iot = aws.client("iot")
    (principal,) = iot.list_thing_principals(thingName=thing_name)["principals"]
    iot.detach_thing_principal(thingName=thing_name, principal=principal)


def test_another_rerun_sends_nothing_where_the_registry_has_all_as_declared(
    aws: Aws, deployed: Stack
) -> None:
    deployed.declare(Rerun="after the incident")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    told = {"Succeeded": 0, "Failed": 0, "Registered": 3, "Unchanged": 3, "Removed": 0}
    assert deployed.counts() == told


def test_another_rerun_sends_what_somebody_changed_detached_or_deleted(
    aws: Aws, deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_template(with_attribute("model", "m1"))
    assert deployed.update() == "UPDATE_COMPLETE"
    before = registry.certificate_ids()
    detach(aws, registry, NAMES[0])
    aws.client("iot").update_thing(
        thingName=NAMES[1], attributePayload={"attributes": {"model": "m2"}, "merge": False}
    )
    deployed.declare(Rerun="after the incident")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=2) == sent_things(by_hand, after=2) == NAMES[:2]
    assert registry.things() == {name: {"model": "m1"} for name in NAMES}
    assert registry.certificate_ids() == before
    assert registry.certificate_of(NAMES[0])
    assert deployed.counts()["Unchanged"] == 1


def test_another_rerun_registers_a_deleted_thing_with_its_certificate(
    aws: Aws, deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(NAMES[2])
    detach(aws, registry, NAMES[2])
    aws.client("iot").delete_thing(thingName=NAMES[2])
    deployed.declare(Rerun="after the incident")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == [NAMES[2]]
    assert registry.certificate_of(NAMES[2]) == certificate_id


def test_a_thing_that_aws_left_as_it_was_counts_as_failed_and_is_sent_again(
    aws: Aws, deployed: Stack, by_hand: ByHand
) -> None:
    for name in ("workshop", "field"):
        aws.client("iot").create_billing_group(billingGroupName=name)
    deployed.declare_template(with_billing_group("workshop"))
    assert deployed.update() == "UPDATE_COMPLETE"
    aws.faults(assumptions={"billing_group": "kept"})
    deployed.declare_template(with_billing_group("field"))
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    reason = deployed.reason()
    before = len(starts(aws))
    aws.faults(assumptions={"billing_group": "moved"})

    assert deployed.update() == "UPDATE_COMPLETE"
    assert "0 things registered, 3 failed, 0 may fail" in reason
    assert f"line 1, thing {NAMES[0]}: AWS reported it as registered, but billing group" in reason
    assert sent_as_known(by_hand, after=before) == NAMES


def test_a_registry_that_lags_is_asked_again_before_a_difference_is_believed(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    aws.faults(registry_lag_seconds=4)
    deployed.declare_template(with_attribute("model", "m2"))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert deployed.counts()["Succeeded"] == 3
    assert registry.things() == {name: {"model": "m2"} for name in NAMES}
