"""Tokens and dummies are told from values without a call of CDK."""

import math

import aws_cdk as cdk
import pytest

from thing_registration.known_values import is_dummy, is_token


def test_every_encoding_of_a_token_is_one(stack: cdk.Stack) -> None:
    text = cdk.CfnParameter(stack, "Text").value_as_string
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    many = cdk.CfnParameter(stack, "Many", type="CommaDelimitedList").value_as_list

    for token in (text, f"fleet/{text}/", number, many, cdk.Fn.get_att("A", "b")):
        assert is_token(token)


@pytest.mark.parametrize(
    "value", ["", "Token", "${Name}", 0, -1, -math.inf, math.nan, True, None, [], ["a"], object()]
)
def test_a_value_is_no_token(value: object) -> None:
    assert not is_token(value)


def test_only_what_waits_for_a_lookup_is_a_dummy() -> None:
    assert is_dummy("prefix/dummy-value-for-/fleet")
    assert not any(map(is_dummy, ("dummy", "", 1, None)))
