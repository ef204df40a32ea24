"""Arguments that are refused before anything is made."""

import math
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

from tests.unit.constructs.fleet import RECORDS, Make
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
        ({"key_prefix": "fleet"}, "key_prefix must end in a slash .* got 'fleet'"),
        ({"key_prefix": "/fleet/"}, "key_prefix must .* not begin with one, got '/fleet/'"),
        ({"key_prefix": "my fleet/"}, r"key_prefix must be at most 900 characters of \[a-zA-Z0-9!"),
        ({"key_prefix": "x" * 900 + "/"}, "key_prefix must be at most 900 characters"),
        ({"things_per_second": 0}, "things_per_second must be more than 0, got 0"),
        ({"things_per_second": -1.5}, r"things_per_second must be more than 0, got -1\.5"),
        ({"things_per_second": math.inf}, "things_per_second must be more than 0, got inf"),
        (
            {"max_deregistered": -1, "deregister": Deregister.ALL},
            "max_deregistered must be 0 to 999,999,999, got -1",
        ),
        (
            {"max_deregistered": 1.5, "deregister": Deregister.ALL},
            r"max_deregistered must be 0 to 999,999,999, got 1\.5",
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


def test_a_key_or_role_that_aws_iot_does_not_take_is_refused(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    long_role = "arn:aws:iam::000000000000:role/" + "x" * 2_048
    given: list[tuple[dict[str, Any], str]] = [
        (
            {"input_file": InputFile.from_bucket(source, "my devices.jsonl")},
            r"key must be 1 to 1024 characters of .*, got 'my devices.jsonl'",
        ),
        (
            {"role": iam.Role.from_role_arn(stack, "R", long_role)},
            "role must have an ARN of 20 to 2,048 characters, got 2079",
        ),
    ]

    for argument, message in given:
        with pytest.raises(ValueError, match=message):
            make_task(**argument)


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


@pytest.mark.parametrize("version_id", ["", "v" * 1_025])
def test_a_version_that_s3_cannot_have_is_refused(
    stack: cdk.Stack, make_task: Make, version_id: str
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")

    with pytest.raises(ValueError, match=r"version_id must be 1 to 1,024 characters, got "):
        make_task(input_file=InputFile.from_bucket(source, "a.jsonl", version_id=version_id))

    assert stack.node.try_find_child("Fleet") is None


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
