"""What the devices refer to: asked for by name."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import registry


def test_every_name_that_cannot_be_used_is_returned(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": True}})
    iot.add_client_error("describe_thing_group", "ResourceNotFoundException")
    iot.add_response("get_policy", {})
    names = {"thing_types": ["old"], "thing_groups": ["sensors"], "policies": ["there"]}

    assert registry.missing(aws.iot, names) == [
        "thing type 'old' is deprecated",
        "thing group 'sensors' does not exist",
    ]


def test_what_exists_can_be_used_and_is_asked_for_by_its_own_name(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response(
        "describe_thing_type",
        {"thingTypeMetadata": {"deprecated": False}},
        {"thingTypeName": "new"},
    )
    iot.add_response("describe_thing_group", {}, {"thingGroupName": "sensors"})
    iot.add_response("describe_billing_group", {}, {"billingGroupName": "paid"})
    iot.add_response("get_policy", {}, {"policyName": "there"})
    names = {
        "thing_types": ["new"],
        "thing_groups": ["sensors"],
        "billing_groups": ["paid"],
        "policies": ["there"],
    }

    assert registry.missing(aws.iot, names) == []


def test_what_is_missing_is_called_by_its_kind(aws: Any) -> None:
    iot = aws.stub("iot")
    for call in ("describe_thing_type", "describe_billing_group", "get_policy"):
        iot.add_client_error(call, "ResourceNotFoundException")
    names = {"thing_types": ["a"], "billing_groups": ["b"], "policies": ["c"]}

    assert registry.missing(aws.iot, names) == [
        "thing type 'a' does not exist",
        "billing group 'b' does not exist",
        "policy 'c' does not exist",
    ]


def test_a_name_that_may_not_be_asked_for_is_an_error(aws: Any) -> None:
    aws.stub("iot").add_client_error("get_policy", "UnauthorizedException")

    with pytest.raises(ClientError, match="UnauthorizedException"):
        registry.missing(aws.iot, {"policies": ["p"]})
