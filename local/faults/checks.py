"""Checks of the fault document's values: each returns None, or what is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from typing import Any

Check = Callable[[Any], "str | None"]


def text(value: Any) -> str | None:
    """Check a string."""
    return None if isinstance(value, str) else "a string"


def error_code(value: Any) -> str | None:
    """Check the code of an error."""
    valid = isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9.]*", value)
    return None if valid else "the code of an error, such as ThrottlingException"


def pattern(value: Any) -> str | None:
    """Check a regular expression."""
    try:
        re.compile(value)
    except (re.error, TypeError) as error:
        return f"a regular expression ({error})"
    return None if isinstance(value, str) else "a regular expression"


def flag(value: Any) -> str | None:
    """Check true or false."""
    return None if isinstance(value, bool) else "true or false"


def count(value: Any) -> str | None:
    """Check a whole number from 0."""
    return None if _is_number(value) and isinstance(value, int) and value >= 0 else "0, 1, 2 …"


def positive(value: Any) -> str | None:
    """Check a whole number from 1."""
    return None if _is_number(value) and isinstance(value, int) and value > 0 else "1, 2, 3 …"


def integer(value: Any) -> str | None:
    """Check a whole number."""
    return None if _is_number(value) and isinstance(value, int) else "a whole number"


def seconds(value: Any) -> str | None:
    """Check a number of seconds."""
    return None if _is_number(value) and value >= 0 else "a number of seconds from 0"


def rate(value: Any) -> str | None:
    """Check a probability."""
    return None if _is_number(value) and 0 <= value <= 1 else "a number from 0 to 1"


def multiplier(value: Any) -> str | None:
    """Check a number that something is multiplied by."""
    return None if _is_number(value) and value >= 0 else "a number from 0"


def things_per_second(value: Any) -> str | None:
    """Check the rate of a task."""
    return None if _is_number(value) and value > 0 else "a number over 0"


def error_status(value: Any) -> str | None:
    """Check the HTTP status of an error."""
    allowed = _is_number(value) and isinstance(value, int) and 400 <= value <= 599
    return None if allowed else "an HTTP status from 400 to 599"


def json_object(value: Any) -> str | None:
    """Check a JSON object."""
    return None if isinstance(value, dict) else "an object"


def one_of(*allowed: object) -> Check:
    """Return the check of a closed set."""

    def check(value: Any) -> str | None:
        known = any(value == item and type(value) is type(item) for item in allowed)
        return None if known else f"one of {', '.join(map(str, allowed))}"

    return check


def some_of(allowed: Callable[[], Collection[str]]) -> Check:
    """Return the check of a list of names."""

    def check(value: Any) -> str | None:
        if isinstance(value, list) and all(item in allowed() for item in value):
            return None
        return f"a list of {', '.join(sorted(allowed()))}"

    return check


def optional(check: Check) -> Check:
    """Return the check of a value that may be null."""

    def check_or_none(value: Any) -> str | None:
        allowed = None if value is None else check(value)
        return f"null or {allowed}" if allowed else None

    return check_or_none


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
