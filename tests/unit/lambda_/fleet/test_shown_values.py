"""What the registry is to show of a thing."""

from typing import Any

import pytest

from thing_registration_worker.fleet.shown_values import differences, shown_properties

PROPERTIES: dict[str, Any] = {
    "ThingName": "a",
    "AttributePayload": {"site": {"Ref": "Site"}, "line": "7"},
    "ThingTypeName": "pump",
    "BillingGroup": "north",
    "ThingGroups": ["g"],
}
SHOWN = {
    "attribute site": {"Ref": "Site"},
    "attribute line": "7",
    "thing type": "pump",
    "billing group": "north",
}


def resources(**settings: str) -> dict[str, Any]:
    thing = {"Type": "AWS::IoT::Thing", "Properties": PROPERTIES, "OverrideSettings": settings}
    return {"p": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "p"}}, "t": thing}


def test_attributes_type_and_billing_group_are_shown() -> None:
    assert shown_properties(resources()) == SHOWN
    assert shown_properties({}) == {}


@pytest.mark.parametrize("spelling", ["AttributePayload", "ATTRIBUTE_PAYLOAD"])
def test_what_is_not_changed_on_a_thing_that_exists_is_not_compared(spelling: str) -> None:
    assert shown_properties(resources(**{spelling: "DO_NOTHING"})) == {
        "thing type": "pump",
        "billing group": "north",
    }


def test_a_thing_type_that_is_not_changed_is_not_compared() -> None:
    assert "thing type" not in shown_properties(resources(THING_TYPE_NAME="DO_NOTHING"))
    assert shown_properties(resources(ThingTypeName="REPLACE")) == SHOWN


@pytest.mark.parametrize(
    ("declared", "shown", "text"),
    [
        ({"a": "1"}, {"a": "1", "b": "2"}, ""),
        ({"a": "1"}, {"a": "2"}, "a is '2' and not '1'"),
        ({"a": "1"}, {}, "a is '' and not '1'"),
        ({"a": ""}, {"a": "2"}, ""),
        ({"a": "1", "b": "1"}, {}, "a is '' and not '1', b is '' and not '1'"),
    ],
)
def test_differences_say_what_is_there_instead(
    declared: dict[str, str], shown: dict[str, str], text: str
) -> None:
    assert differences(declared, shown) == text
