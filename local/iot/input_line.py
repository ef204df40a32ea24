"""One line of the input file: where it is, and the values that it gives to the parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass

from local.faults.assumptions import DEFAULTS, Assumptions
from local.iot import limits
from local.iot.errors import registration_failure


@dataclass(frozen=True)
class Line:
    """A line with its number (from 1) and the offset of its first byte (from 0)."""

    number: int
    offset: int
    content: bytes


def line_values(line: bytes, assumed: Assumptions = DEFAULTS) -> dict[str, str]:
    """Return the parameter values of one line.

    Raises:
        ServiceError: the line is too long, not UTF-8, or not a JSON object of strings.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """
    if len(line) > limits.MAX_LINE_BYTES:
        raise registration_failure(
            f"Line length exceeds the maximum of {limits.MAX_LINE_BYTES} bytes"
        )
    try:
        values = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise registration_failure(f"Input line is not well-formed JSON. ({error})") from None
    if not isinstance(values, dict):
        raise registration_failure("Input line must be a JSON object")
    for name, value in values.items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and assumed.numeric_value == "accepted":
            values[name] = value = json.dumps(value)
        if not isinstance(value, str):
            raise registration_failure(f"Value of parameter {name} must be a string")
        if any("\ud800" <= character <= "\udfff" for character in name + value):
            raise registration_failure(f"Parameter {name!a} holds half a surrogate pair")
        if len(value) > limits.MAX_PARAMETER_CHARS and assumed.long_value == "fails":
            raise registration_failure(
                f"Value of parameter {name} must have length less than or equal to "
                f"{limits.MAX_PARAMETER_CHARS}"
            )
    return values
