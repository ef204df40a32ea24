"""The names that a template and its devices refer to."""

from __future__ import annotations

import json
from typing import Any

from thing_registration_worker.fleet.prerequisite_names import (
    NameCollector,
    PrerequisiteNames,
    saved,
)
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.state import schema

TYPE, GROUP = {"Ref": "Type"}, {"Ref": "Group"}


def template(policy: Any = None, **thing: Any) -> str:
    """A template with these properties of the thing, and policies."""
    parameters: dict[str, Any] = {
        name: {"Type": "String"} for name in ("Name", "Type", "Group", "Policy")
    }
    parameters["Group"]["Default"] = "all"
    properties = {"ThingName": {"Ref": "Name"}, **thing}
    resources = {"thing": {"Type": "AWS::IoT::Thing", "Properties": properties}}
    if policy is not None:
        resources["policy"] = {"Type": "AWS::IoT::Policy", "Properties": policy}
    return json.dumps({"Parameters": parameters, "Resources": resources})


def collected(body: str, *lines: dict[str, Any]) -> PrerequisiteNames:
    """What the template and these lines refer to."""
    prepared = Template(body)
    collector, resolver = NameCollector(prepared), Resolver(prepared)
    for line in lines:
        device = resolver.resolve(json.dumps({"Name": "one", **line}).encode())
        collector.add(device.names)
    return collector.names()


def test_the_names_of_the_template_itself_are_collected() -> None:
    body = template(
        {"PolicyName": "p"}, ThingTypeName="t", BillingGroup="b", ThingGroups=["g", "f"]
    )

    assert collected(body) == PrerequisiteNames(("t",), ("b",), ("p",), ("f", "g"))


def test_the_values_of_each_line_are_collected_once_and_sorted() -> None:
    body = template({"PolicyName": {"Ref": "Policy"}}, ThingTypeName=TYPE)
    lines = [{"Type": kind, "Policy": "p"} for kind in ("pump", "fan", "pump")]

    assert collected(body, *lines) == PrerequisiteNames(
        thing_types=("fan", "pump"), policies=("p",)
    )


def test_names_of_the_template_and_of_lines_are_one_list() -> None:
    body = template(ThingGroups=["north", GROUP])

    assert collected(body, {"Group": "east"}).thing_groups == ("east", "north")


def test_a_line_without_a_value_refers_to_the_default() -> None:
    assert collected(template(ThingGroups=[GROUP]), {}).thing_groups == ("all",)


def test_a_default_that_every_line_replaces_is_not_collected() -> None:
    assert collected(template(ThingGroups=[GROUP]), {"Group": "g"}).thing_groups == ("g",)


def test_an_empty_name_refers_to_nothing() -> None:
    body = template(ThingTypeName="", ThingGroups=[GROUP])

    assert collected(body, {"Group": ""}).count == 0


def test_a_number_is_a_name_as_it_is_written() -> None:
    assert collected(template(ThingTypeName=TYPE), {"Type": 7}).thing_types == ("7",)


def test_one_parameter_can_give_names_of_two_kinds() -> None:
    body = template(ThingTypeName=TYPE, ThingGroups=[TYPE, TYPE])

    assert collected(body, {"Type": "pump"}) == PrerequisiteNames(
        thing_types=("pump",), thing_groups=("pump",)
    )


def test_a_policy_that_the_template_makes_is_not_a_prerequisite() -> None:
    assert collected(template({"PolicyDocument": "{}"})).count == 0


def test_where_all_names_are_constant_a_device_has_none() -> None:
    body = template({"PolicyName": "p"}, ThingTypeName="t")

    assert Resolver(Template(body)).resolve(b'{"Name":"one"}').names == ()


def test_collecting_goes_on_in_another_call_after_what_the_state_has_kept() -> None:
    prepared, db = Template(template(ThingTypeName=TYPE)), schema.empty()
    first = NameCollector(prepared)
    first.add(["pump"])
    first.save(db)

    second = NameCollector(prepared)
    second.restore(db)
    second.add(["fan"])
    second.save(db)

    assert second.names().thing_types == ("fan", "pump")
    assert saved(db) == second.names()


def test_each_name_is_yielded_with_its_kind_in_one_order() -> None:
    names = PrerequisiteNames(("t",), ("b",), ("p",), ("g", "h"))

    assert names.count == 5
    assert [name for _, name in names.each()] == ["t", "b", "p", "g", "h"]
