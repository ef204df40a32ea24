"""Parses a template's JSON, and finds where it is broken."""

from __future__ import annotations

import json

from thing_registration.checks.findings import Problem
from thing_registration.checks.quoting import UNUSUAL_NUMBER, field_name, lower_first, shown
from thing_registration.checks.rules.template import TEMPLATE_JSON, TEMPLATE_KEY_TWICE

# No documented template nests deeper than ten; Python's own parser stops near a thousand.
_DEEPEST = 100


def parse_template(text: str, source: str) -> tuple[dict[str, object] | None, list[Problem]]:
    """Return a template, None if the text is not a JSON object, and what is wrong with it."""
    twice: list[str] = []

    def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice.extend(key for key in found if keys.count(key) > 1)
        return found

    def broken(
        got: str, message: str = "", line: int | None = None, column: int | None = None
    ) -> tuple[None, list[Problem]]:
        fault = TEMPLATE_JSON.fault(got=got, message=message)
        return None, [fault.at(source, line=line, column=column)]

    try:
        text.encode()
        value = json.loads(text, object_pairs_hook=object_of, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        if not text.strip():
            return broken("empty", "is {got}: must be {allowed}")
        return broken(lower_first(error.msg), line=error.lineno, column=error.colno)
    except UnicodeEncodeError:
        return broken("half of a surrogate pair", "is not UTF-8 ({got}): must be {allowed}")
    except ValueError:
        return broken(UNUSUAL_NUMBER)
    except RecursionError:
        value = _NESTED
    if value is _NESTED or _depth(value) > _DEEPEST:
        return broken(
            f"more than {_DEEPEST} levels", "is nested too deeply ({got}): must be {allowed}"
        )
    if not isinstance(value, dict):
        return broken(shown(value), "is {got}: must be {allowed}")
    return value, [
        TEMPLATE_KEY_TWICE.fault(got=field_name(key)).at(source, field=field_name(key))
        for key in twice
    ]


def is_template(text: str | None) -> bool:
    """Return whether a text is a JSON object with resources."""
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("Resources"), dict)


_NESTED = object()


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        depth += 1
        children: list[object] = []
        for one in level:
            if isinstance(one, dict):
                children.extend(one.values())
            elif isinstance(one, list):
                children.extend(one)
        level = children
    return depth
