"""What must exist before the task: verified, created or assumed."""

import json

import aws_cdk as cdk
from aws_cdk.assertions import Annotations, Match, Template

from tests.unit.constructs.fleet import RESOURCE, Make, properties
from thing_registration import (
    InputFile,
    PrerequisiteNames,
    Prerequisites,
)


def test_prerequisites_are_what_template_and_input_name(make_task: Make) -> None:
    assert make_task().prerequisites == PrerequisiteNames(
        thing_types=("sensor",),
        thing_groups=("north", "south"),
        billing_groups=("facilities",),
        policies=("sensor",),
    )


def test_prerequisites_are_verified_before_the_start_by_default(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    assert json.loads(properties(stack)["Prerequisites"]) == {
        "thing_types": ["sensor"],
        "thing_groups": ["north", "south"],
        "billing_groups": ["facilities"],
        "policies": ["sensor"],
    }


def test_more_prerequisites_than_can_be_verified_are_said_to_be_left_out(
    stack: cdk.Stack, make_task: Make
) -> None:
    records = [{"Name": f"n{n}", "Group": f"g{n:03}"} for n in range(400)]

    make_task(input_file=InputFile.from_records(records))

    verified = json.loads(properties(stack)["Prerequisites"])
    assert verified["thing_types"] == ["sensor"]
    assert sum(map(len, verified.values())) == 300
    message = Match.string_like_regexp("103 of the names")
    Annotations.from_stack(stack).has_warning("/Stack/Fleet", message)


def test_prerequisites_that_are_created_come_before_the_resource_and_are_shared(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task("One", prerequisites=Prerequisites.CREATE)
    make_task("Two", prerequisites=Prerequisites.CREATE)

    template = Template.from_stack(stack)
    for kind, count in (("ThingType", 1), ("ThingGroup", 2), ("BillingGroup", 1), ("Policy", 1)):
        created = template.find_resources(f"AWS::IoT::{kind}")
        assert len(created) == count
        assert {resource["DeletionPolicy"] for resource in created.values()} == {"Retain"}
        for resource in template.find_resources(RESOURCE).values():
            assert set(created) <= set(resource["DependsOn"])
            assert not any(json.loads(resource["Properties"]["Prerequisites"]).values())


def test_prerequisites_that_are_assumed_are_neither_made_nor_verified(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(prerequisites=Prerequisites.ASSUME)

    Template.from_stack(stack).resource_count_is("AWS::IoT::ThingType", 0)
    assert not any(json.loads(properties(stack)["Prerequisites"]).values())
