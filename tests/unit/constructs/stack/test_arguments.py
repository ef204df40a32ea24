"""Arguments that are refused before anything is made."""

import math
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from tests.unit.constructs.fleet import RECORDS, Make, properties
from thing_registration import (
    Deregister,
    InputFile,
    InvalidDeclaration,
)
from thing_registration.stack.arguments import decimal_text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"timeout": cdk.Duration.minutes(51)}, "timeout must be 1 to 50 minutes, .* got 51 min"),
        ({"timeout": cdk.Duration.seconds(59)}, "timeout must be 1 to 50 minutes, .* got 59 sec"),
        ({"max_failures": -1}, "max_failures must be a count .* got '-1'"),
        ({"max_failures": "101%"}, "max_failures must be .* got '101%'"),
        ({"max_failures": "few"}, "max_failures must be .* got 'few'"),
        ({"things_per_second": 0}, "things_per_second must be more than 0, got 0"),
        ({"things_per_second": -1.5}, r"things_per_second must be more than 0, got -1\.5"),
        ({"things_per_second": math.inf}, "things_per_second must be more than 0, got inf"),
        (
            {"max_deregistered": -1, "deregister": Deregister.ALL},
            "max_deregistered must be 0 to 999,999,999, got -1",
        ),
        (
            {"max_deregistered": 5},
            "max_deregistered must come with Deregister.REMOVED_LINES or ALL, got NEVER",
        ),
        (
            {"claim_existing": True},
            "claim_existing must come with Deregister.REMOVED_LINES or ALL, got NEVER",
        ),
        ({"things_per_second": math.nan}, "things_per_second must be more than 0, got nan"),
    ],
)
def test_an_argument_that_is_not_allowed_is_refused_before_anything_is_made(
    stack: cdk.Stack, make_task: Make, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_task(**arguments)

    assert not stack.node.children


def test_a_role_that_aws_iot_does_not_take_is_refused(stack: cdk.Stack, make_task: Make) -> None:
    long_role = "arn:aws:iam::000000000000:role/" + "x" * 2_048
    role = iam.Role.from_role_arn(stack, "R", long_role)

    with pytest.raises(
        ValueError, match="role must have an ARN of 20 to 2,048 characters, got 2079"
    ):
        make_task(role=role)


def test_a_token_is_refused_where_a_value_must_be_known_at_synth(
    stack: cdk.Stack, make_task: Make
) -> None:
    text = cdk.CfnParameter(stack, "Text").value_as_string
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    given: list[tuple[str, dict[str, Any]]] = [
        ("provisioning_template", {"provisioning_template": text}),
        ("input_file", {"input_file": text}),
        ("prerequisites", {"prerequisites": text}),
        ("policy_documents", {"prerequisites": "CREATE", "policy_documents": {text: {}}}),
        ("timeout", {"timeout": cdk.Duration.minutes(number)}),
        ("max_failures", {"max_failures": text}),
        ("max_failures", {"max_failures": number}),
        ("things_per_second", {"things_per_second": number}),
        ("deregister", {"deregister": text}),
        ("max_deregistered", {"max_deregistered": number, "deregister": "ALL"}),
        ("claim_existing", {"claim_existing": cdk.Fn.get_att("A", "b"), "deregister": "ALL"}),
        ("strict", {"strict": cdk.Fn.get_att("A", "b")}),
        ("removal_policy", {"removal_policy": text}),
        ("log_retention", {"log_retention": text}),
    ]

    for argument, arguments in given:
        with pytest.raises(ValueError, match=rf"^{argument} must be known at synth, got a token$"):
            make_task(**arguments)
    assert stack.node.try_find_child("Fleet") is None


def test_a_token_is_accepted_where_the_deployment_can_fill_it_in(
    stack: cdk.Stack, make_task: Make
) -> None:
    text = cdk.CfnParameter(stack, "Text").value_as_string

    make_task(key_prefix=f"{text}/", rerun=text, take_over=text)

    found = properties(stack)
    assert (found["Rerun"], found["TakeOver"]) == ({"Ref": "Text"}, {"Ref": "Text"})


def test_an_error_of_the_checks_is_raised_before_anything_is_made(
    stack: cdk.Stack, make_task: Make
) -> None:
    with pytest.raises(InvalidDeclaration, match="records:2: Name: "):
        make_task(input_file=InputFile.from_records([RECORDS[0], RECORDS[0]]))

    assert not stack.node.children


def test_more_devices_than_the_timeout_has_time_for_are_warned_of(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(things_per_second=0.0001)

    Annotations.from_stack(stack).has_warning(
        "/Stack/Fleet", Match.string_like_regexp("records: registering all 2 devices takes about ")
    )


@pytest.mark.parametrize(
    ("number", "text"), [(10, "10"), (10.0, "10"), (0.00001, "0.00001"), (2.5, "2.5")]
)
def test_a_rate_is_a_decimal_number_without_exponent(number: float, text: str) -> None:
    assert decimal_text(number) == text


def test_a_warning_of_the_checks_is_an_annotation_and_an_error_if_strict(
    stack: cdk.Stack, make_task: Make
) -> None:
    unknown = InputFile.from_records([{**RECORDS[0], "Unknown": "x"}])

    make_task(input_file=unknown)

    Annotations.from_stack(stack).has_warning("/Stack/Fleet", Match.string_like_regexp("Unknown"))
    with pytest.raises(InvalidDeclaration, match="Unknown"):
        make_task("Strict", input_file=unknown, strict=True)
