"""What must exist before the devices: the worker verifies it, makes it, or does neither."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from tests.unit.constructs.fleet import Make, properties
from thing_registration import InputFile, PrerequisiteNames, Prerequisites


def test_prerequisites_are_what_template_and_input_name(make_task: Make) -> None:
    assert make_task().prerequisites == PrerequisiteNames(
        thing_types=("sensor",),
        thing_groups=("north", "south"),
        billing_groups=("facilities",),
        policies=("sensor",),
    )


def test_prerequisites_are_verified_by_default(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    assert properties(stack)["PrerequisiteMode"] == "VERIFY"


@pytest.mark.parametrize("prerequisites", Prerequisites)
def test_prerequisites_are_no_resources_of_the_stack_and_no_names_in_a_property(
    make_task: Make, prerequisites: Prerequisites
) -> None:
    def synthesized(groups: int) -> tuple[dict[str, Any], set[str]]:
        stack = cdk.Stack(cdk.App(), "Stack")
        records = [{"Name": f"n{n}", "Group": f"g{n}"} for n in range(groups)]
        make_task(
            scope=stack,
            prerequisites=prerequisites,
            input_file=InputFile.from_records(records),
        )
        return properties(stack), set(Template.from_stack(stack).to_json()["Resources"])

    (one, resources), (many, same_resources) = synthesized(1), synthesized(600)

    assert one["PrerequisiteMode"] == many["PrerequisiteMode"] == prerequisites.name
    assert one["PolicyDocuments"] == many["PolicyDocuments"]
    assert len(resources) == 12
    assert resources == same_resources
