"""A line's values are put into the template and checked against the registry's limits."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.iot.desired_device import desired_device
from local.iot.errors import ServiceError
from local.iot.input_line import line_values
from local.iot.template import parse_template


def thing_template(**properties: Any) -> Any:
    body = {
        "Parameters": {
            "ThingName": {"Type": "String"},
            "Place": {"Type": "String", "Default": "WA"},
        },
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {"ThingName": {"Ref": "ThingName"}, **properties},
            }
        },
    }
    return parse_template(json.dumps(body))


def refusal(template: Any, values: dict[str, str]) -> str:
    with pytest.raises(ServiceError) as raised:
        desired_device(template, values)
    assert raised.value.code == "ResourceRegistrationFailureException"
    return raised.value.message


def test_a_default_stands_in_for_a_missing_value() -> None:
    template = thing_template(AttributePayload={"place": {"Ref": "Place"}})

    attributes = [
        desired_device(template, values).thing.attributes  # type: ignore[union-attr]
        for values in ({"ThingName": "a"}, {"ThingName": "a", "Place": "NY"})
    ]

    assert attributes == [{"place": "WA"}, {"place": "NY"}]


def test_a_missing_value_without_default_fails_the_line() -> None:
    assert refusal(thing_template(), {}) == "Cannot resolve reference value: ThingName"


@pytest.mark.parametrize("name", ["a b", "", "x" * 129, "a/b", "ä"])
def test_a_thing_name_keeps_to_the_pattern(name: str) -> None:
    assert "thingName" in refusal(thing_template(), {"ThingName": name})


def test_three_attributes_without_a_type_fifty_with_one() -> None:
    four = {f"a{n}": "v" for n in range(4)}
    fifty_one = {f"a{n}": "v" for n in range(51)}

    assert "3 attributes" in refusal(thing_template(AttributePayload=four), {"ThingName": "a"})
    desired_device(thing_template(AttributePayload=four, ThingTypeName="lamp"), {"ThingName": "a"})
    assert "50 attributes" in refusal(
        thing_template(AttributePayload=fifty_one, ThingTypeName="lamp"), {"ThingName": "a"}
    )


@pytest.mark.parametrize("value", ["a b", "x" * 801, "ä", "a;b"])
def test_an_attribute_value_keeps_to_the_pattern(value: str) -> None:
    template = thing_template(AttributePayload={"place": {"Ref": "Place"}})

    assert "attributePayload.attributes.place" in refusal(
        template, {"ThingName": "a", "Place": value}
    )


def test_a_thing_is_in_ten_groups_at_most() -> None:
    groups = [f"g{n}" for n in range(11)]

    assert "at most 10 groups" in refusal(thing_template(ThingGroups=groups), {"ThingName": "a"})
    assert desired_device(thing_template(ThingGroups=groups[:10]), {"ThingName": "a"}).thing


def test_a_policy_is_named_by_the_hash_of_its_document() -> None:
    document = '{"Version":"2012-10-17","Statement":[]}'
    body = {"Resources": {"p": {"Type": "AWS::IoT::Policy", "Properties": {}}}}
    body["Resources"]["p"]["Properties"] = {"PolicyDocument": document}

    (policy,) = desired_device(parse_template(json.dumps(body)), {}).policies

    assert len(policy.name) == 64
    assert policy.document == document


@given(
    st.binary()
    | st.dictionaries(st.text(), st.text()).map(lambda values: json.dumps(values).encode())
)
def test_any_line_has_a_device_or_fails(line: bytes) -> None:
    template = thing_template(AttributePayload={"place": {"Ref": "Place"}})

    with contextlib.suppress(ServiceError):
        desired_device(template, line_values(line))


def test_a_policy_too_many_fails_the_line() -> None:
    policies = {
        f"p{n}": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": f"p{n}"}}
        for n in range(11)
    }

    assert "At most 10 policies" in refusal(parse_template(json.dumps({"Resources": policies})), {})
