"""Difference: `States.ALL` and `States.TaskFailed` match every error.

Patch: they do not match States.Runtime and States.DataLimitExceeded, and nothing matches
States.Runtime.
Unnecessary once ministack's States.ALL does not match States.Runtime.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Sequence

from ministack.services import stepfunctions

_WILDCARDS = {"States.ALL", "States.TaskFailed"}


def apply() -> None:
    """Apply the patch."""
    matches = stepfunctions._error_matches

    def error_matches(error_equals: Sequence[str], error: str) -> bool:
        if error == "States.Runtime":
            return False
        if error == "States.DataLimitExceeded":
            error_equals = [name for name in error_equals if name not in _WILDCARDS]
        return bool(matches(error_equals, error))

    stepfunctions._error_matches = error_matches
