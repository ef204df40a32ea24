"""A registry that lags behind what was done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.fleet import Fleet, eventually, new_csr, template

pytestmark = pytest.mark.slow
CSR = {"CertificateSigningRequest": {"Ref": "CSR"}}
LAG = 4


def lag(fleet: Fleet) -> None:
    fleet.aws.faults(throttling=False, registry_lag_seconds=LAG)


def described(fleet: Fleet, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = fleet.iot.describe_thing(thingName=name)
    except fleet.iot.exceptions.ResourceNotFoundException:
        return None
    return found


def principals(fleet: Fleet, name: str) -> list[str]:
    try:
        found: list[str] = fleet.iot.list_thing_principals(thingName=name)["principals"]
    except fleet.iot.exceptions.ResourceNotFoundException:
        return []
    return found


def certificates(fleet: Fleet) -> set[str]:
    pages = fleet.iot.get_paginator("list_certificates").paginate()
    return {item["certificateId"] for page in pages for item in page["certificates"]}


def test_what_a_task_makes_is_shown_some_seconds_later(fleet: Fleet, name: str) -> None:
    before = certificates(fleet)
    lag(fleet)

    task = fleet.run([{"ThingName": name, "CSR": new_csr()}], template(certificate=CSR))

    assert task["successCount"] == 1
    assert described(fleet, name) is None
    assert principals(fleet, name) == []
    assert certificates(fleet) == before
    assert fleet.aws.fault_strikes()["registry_lag_seconds"] >= 3
    (arn,) = eventually(lambda: principals(fleet, name), bool)
    assert described(fleet, name) is not None
    assert certificates(fleet) - before == {arn.rpartition("/")[2]}


def test_a_change_and_a_deletion_are_shown_later_too(fleet: Fleet, name: str) -> None:
    fleet.iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "old"}})
    lag(fleet)

    fleet.iot.update_thing(thingName=name, attributePayload={"attributes": {"a": "new"}})

    thing = described(fleet, name)
    assert thing is not None
    assert thing["attributes"] == {"a": "old"}
    eventually(lambda: described(fleet, name), lambda found: found["attributes"] == {"a": "new"})
    fleet.iot.delete_thing(thingName=name)
    assert described(fleet, name) is not None
    eventually(lambda: described(fleet, name), lambda found: found is None)


def test_a_task_itself_sees_the_registry_as_it_is(fleet: Fleet, name: str) -> None:
    lag(fleet)

    first = fleet.run([{"ThingName": name}])
    second = fleet.run([{"ThingName": name}])

    assert (first["successCount"], second["successCount"]) == (1, 1)


def test_the_billing_group_is_shown_later_too(fleet: Fleet, name: str) -> None:
    fleet.iot.create_billing_group(billingGroupName=name)
    fleet.iot.create_thing(thingName=name)
    lag(fleet)

    fleet.iot.add_thing_to_billing_group(billingGroupName=name, thingName=name)

    assert "billingGroupName" not in (described(fleet, name) or {})
    eventually(lambda: described(fleet, name), lambda found: found.get("billingGroupName") == name)
