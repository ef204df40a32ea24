"""What becomes of a thing that exists already."""

from __future__ import annotations

import pytest

from tests.local.fleet import Fleet, register, template

pytestmark = pytest.mark.slow


def test_the_same_thing_again_is_no_error(fleet: Fleet, name: str) -> None:
    body = template(AttributePayload={"a": "1"})

    first = register(fleet, body, ThingName=name)["resourceArns"]
    second = register(fleet, body, ThingName=name)["resourceArns"]

    assert first == second
    assert fleet.iot.describe_thing(thingName=name)["version"] == 1


@pytest.mark.parametrize(
    ("setting", "attributes"),
    [
        ("DO_NOTHING", {"a": "1", "b": "1"}),
        ("REPLACE", {"b": "2", "c": "2"}),
        ("MERGE", {"a": "1", "b": "2", "c": "2"}),
    ],
)
def test_attributes_are_overridden_as_the_template_says(
    fleet: Fleet, name: str, setting: str, attributes: dict[str, str]
) -> None:
    fleet.iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1", "b": "1"}})

    body = template({"AttributePayload": setting}, AttributePayload={"b": "2", "c": "2"})
    register(fleet, body, ThingName=name)

    assert fleet.iot.describe_thing(thingName=name)["attributes"] == attributes


@pytest.mark.parametrize(
    ("setting", "groups"),
    [
        ("DO_NOTHING", {"over-1", "over-2"}),
        ("REPLACE", {"over-2", "over-3"}),
        ("MERGE", {"over-1", "over-2", "over-3"}),
    ],
)
def test_groups_are_overridden_as_the_template_says(
    fleet: Fleet, name: str, setting: str, groups: set[str]
) -> None:
    for group in ("over-1", "over-2", "over-3"):
        fleet.iot.create_thing_group(thingGroupName=group)
    fleet.iot.create_thing(thingName=name)
    for group in ("over-1", "over-2"):
        fleet.iot.add_thing_to_thing_group(thingGroupName=group, thingName=name)

    body = template({"ThingGroups": setting}, ThingGroups=["over-2", "over-3"])
    register(fleet, body, ThingName=name)

    found = fleet.iot.list_thing_groups_for_thing(thingName=name)["thingGroups"]
    assert {group["groupName"] for group in found} == groups


def test_a_type_is_replaced_where_the_template_says(fleet: Fleet, name: str) -> None:
    for thing_type in ("old-type", "new-type"):
        fleet.iot.create_thing_type(thingTypeName=thing_type)
    fleet.iot.create_thing(thingName=name, thingTypeName="old-type")

    register(
        fleet,
        template({"ThingTypeName": "REPLACE"}, ThingTypeName="new-type"),
        ThingName=name,
    )

    assert fleet.iot.describe_thing(thingName=name)["thingTypeName"] == "new-type"


@pytest.mark.parametrize("settings", [{}, {"AttributePayload": "FAIL"}])
def test_a_conflict_fails_the_line(fleet: Fleet, name: str, settings: dict[str, str]) -> None:
    fleet.iot.create_thing(thingName=name, attributePayload={"attributes": {"a": "1"}})

    error = fleet.error_of({"ThingName": name}, template(settings, AttributePayload={"a": "2"}))

    assert error["errorCode"] == "ResourceConflictsException"
    assert "{a=1} conflicts with AttributePayload: {a=2}" in error["errorMessage"]


def test_merging_may_not_exceed_a_limit(fleet: Fleet, name: str) -> None:
    attributes = {"a": "1", "b": "1", "c": "1"}
    fleet.iot.create_thing(thingName=name, attributePayload={"attributes": attributes})

    error = fleet.error_of(
        {"ThingName": name}, template({"AttributePayload": "MERGE"}, AttributePayload={"d": "1"})
    )

    assert "3 attributes" in error["errorMessage"]
