"""Limits that stand on several sides on purpose are the same, and those of the service model."""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.session
import pytest

from local.iot import limits as local_limits
from local.iot.throttle import CALLS_PER_SECOND
from thing_registration import CertificateStatus, ThingPrincipalType, limits
from thing_registration.checks import value_kinds
from thing_registration.checks.value_kinds import CharacterLimits, Kind
from thing_registration.stack import bucket_arguments
from thing_registration_worker.aws import registration_tasks as lambda_limits
from thing_registration_worker.fleet import name_limits
from thing_registration_worker.fleet.input_text import MAX_LINE_BYTES

LOADER = botocore.session.get_session().get_component("data_loader")
SHAPES: dict[str, Any] = LOADER.load_service_model("iot", "service-2")["shapes"]


def pattern_of(shape: str) -> str:
    """Return the shape's characters and its length as one pattern."""
    found = SHAPES[shape]
    return f"{found['pattern'].removesuffix('+')}{{{found['min']},{found['max']}}}"


def as_one_pattern(text: local_limits.StringLimit) -> str:
    """Return the characters and the length of the local AWS as one pattern."""
    return f"{str(text.pattern).removesuffix('+')}{{{text.minimum},{text.maximum}}}"


def test_the_template_body_has_one_longest_length() -> None:
    assert (
        limits.MAX_TEMPLATE_BODY_LENGTH
        == lambda_limits.TEMPLATE_BODY_MAX
        == local_limits.TEMPLATE_BODY.maximum
        == SHAPES["TemplateBody"]["max"]
    )


def test_the_key_of_an_input_file_has_one_pattern_and_one_longest_length() -> None:
    pattern = pattern_of("RegistryS3KeyName")

    assert limits.INPUT_FILE_KEY_PATTERN == lambda_limits.KEY_PATTERN == pattern
    assert as_one_pattern(local_limits.INPUT_FILE_KEY) == pattern
    assert SHAPES["RegistryS3KeyName"]["max"] == limits.MAX_INPUT_FILE_KEY_LENGTH
    longest = "x" * (bucket_arguments.MAX_KEY_PREFIX_LENGTH - 1) + "/"
    bucket_arguments.with_slash(longest)
    with pytest.raises(ValueError, match="key_prefix must be at most"):
        bucket_arguments.with_slash("x" + longest)


def test_the_bucket_of_an_input_file_has_one_pattern() -> None:
    pattern = pattern_of("RegistryS3BucketName")

    assert pattern == lambda_limits.BUCKET_PATTERN == as_one_pattern(local_limits.INPUT_FILE_BUCKET)


def test_the_arn_of_a_role_has_one_range_of_lengths() -> None:
    role = (SHAPES["RoleArn"]["min"], SHAPES["RoleArn"]["max"])

    assert role == (limits.MIN_ROLE_ARN_LENGTH, limits.MAX_ROLE_ARN_LENGTH)
    assert role == (lambda_limits.ROLE_ARN_MIN, lambda_limits.ROLE_ARN_MAX)
    assert (local_limits.ROLE_ARN.minimum, local_limits.ROLE_ARN.maximum) == role


def test_a_line_has_one_longest_length() -> None:
    assert limits.MAX_LINE_BYTES == MAX_LINE_BYTES == local_limits.MAX_LINE_BYTES


@pytest.mark.parametrize(
    ("shape", "ours", "local"),
    [
        ("ThingName", value_kinds.NAME, local_limits.RESOURCE_NAME),
        ("ThingTypeName", value_kinds.NAME, local_limits.RESOURCE_NAME),
        ("ThingGroupName", value_kinds.NAME, local_limits.RESOURCE_NAME),
        ("BillingGroupName", value_kinds.NAME, local_limits.RESOURCE_NAME),
        ("PolicyName", value_kinds.POLICY_NAME, local_limits.POLICY_NAME),
        ("AttributeName", value_kinds.ATTRIBUTE_NAME, local_limits.ATTRIBUTE_NAME),
        ("AttributeValue", value_kinds.ATTRIBUTE_VALUE, local_limits.ATTRIBUTE_VALUE),
    ],
)
def test_a_name_or_value_has_one_pattern_and_one_range_of_lengths(
    shape: str, ours: CharacterLimits, local: local_limits.StringLimit
) -> None:
    model = SHAPES[shape]

    assert ours.longest == local.maximum == model["max"]
    # The model has no shortest length for some, but a pattern that needs a character.
    assert ours.shortest == local.minimum == model.get("min", int(model["pattern"].endswith("+")))
    for character in map(chr, range(128)):
        fits = bool(re.fullmatch(model["pattern"], character, re.ASCII))
        assert ours.fits(character) == (local.violation(character, "") is None) == fits


@pytest.mark.parametrize(
    ("worker", "kind"),
    [
        (name_limits.THING_NAME, Kind.THING_NAME),
        (name_limits.OF_KIND["thing_types"], Kind.THING_TYPE),
        (name_limits.OF_KIND["thing_groups"], Kind.THING_GROUP),
        (name_limits.OF_KIND["billing_groups"], Kind.BILLING_GROUP),
        (name_limits.OF_KIND["policies"], Kind.POLICY_NAME),
    ],
)
def test_the_worker_and_the_checks_allow_the_same_names_in_the_same_words(
    worker: name_limits.NameLimit, kind: Kind
) -> None:
    ours = value_kinds.CHARACTER_LIMITS[kind]

    for name in ["", *map(chr, range(300)), "x" * 128, "x" * 129]:
        message = f"invalid {kind.value} {json.dumps(name[:80])}: must be {ours.allowed}"
        assert worker.problem(name) == ("" if ours.fits(name) else message)


def test_certificates_have_the_lengths_of_the_service_model() -> None:
    certificate_id = SHAPES["CertificateId"]

    assert certificate_id["min"] == certificate_id["max"] == limits.CERTIFICATE_ID_LENGTH
    assert certificate_id["pattern"] == limits.CERTIFICATE_ID_PATTERN
    assert SHAPES["CertificateSigningRequest"]["max"] == limits.MAX_CSR_LENGTH
    assert SHAPES["CertificatePem"]["max"] == limits.MAX_CERTIFICATE_PEM_LENGTH


def test_a_parameter_has_the_length_of_the_service_model() -> None:
    longest = SHAPES["Value"]["max"]

    assert longest == limits.MAX_PARAMETER_VALUE_LENGTH == local_limits.MAX_PARAMETER_CHARS


def test_the_quotas_are_those_of_the_local_aws() -> None:
    assert (
        limits.MAX_ATTRIBUTES_WITHOUT_THING_TYPE,
        limits.MAX_ATTRIBUTES_WITH_THING_TYPE,
        limits.MAX_THING_GROUPS,
        limits.MAX_POLICY_DOCUMENT_CHARACTERS,
    ) == (
        local_limits.MAX_ATTRIBUTES_WITHOUT_TYPE,
        local_limits.MAX_ATTRIBUTES_WITH_TYPE,
        local_limits.MAX_GROUPS_PER_THING,
        local_limits.MAX_POLICY_CHARS,
    )


def test_the_enums_have_words_of_the_service_model() -> None:
    assert {*CertificateStatus} < {*SHAPES["CertificateStatus"]["enum"]}
    assert {*ThingPrincipalType} == {*SHAPES["ThingPrincipalType"]["enum"]}


def test_the_assumed_rate_is_that_of_the_calls_that_a_task_makes() -> None:
    assert limits.THINGS_PER_SECOND == CALLS_PER_SECOND
