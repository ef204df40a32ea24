"""What is not known at synth, or not yet: tokens, and the dummies of context lookups.

A token stands for what CloudFormation knows. A lookup, such as `StringParameter.value_from_lookup`,
gives a dummy in the first of CDK's two passes; the CDK command line looks up what is missing, and
runs the app again.
https://docs.aws.amazon.com/cdk/v2/guide/context.html
"""

from __future__ import annotations

import sys

# CDK writes a value that is known at deployment only as ${Token[…]}.
TOKEN_MARK = "{Token["  # noqa: S105, no secret
# Of `value_from_lookup`; CDK's other lookups give dummies that are well-formed.
DUMMY_MARK = "dummy-value-for-"
# CDK encodes a token as a number below this.
_LEAST_NUMBER = -1e289


def is_token(value: object) -> bool:
    """Return whether a value is or contains a token of CDK."""
    if isinstance(value, str):
        return TOKEN_MARK in value
    if isinstance(value, list | tuple):
        return any(map(is_token, value))
    if isinstance(value, int | float):
        return float("-inf") < value < _LEAST_NUMBER
    return "aws_cdk" in sys.modules and hasattr(type(value), "creation_stack")


def is_dummy(value: object) -> bool:
    """Return whether a value waits for a lookup of the CDK command line."""
    return isinstance(value, str) and DUMMY_MARK in value


def check_known(argument: str, value: object) -> None:
    """Check that a value is no token.

    Raises:
        ValueError: it is one.
    """
    if is_token(value):
        raise unknown(argument)


def unknown(argument: str) -> ValueError:
    """Return the error of an argument that is a token."""
    return ValueError(f"{argument} must be known at synth, got a token")
