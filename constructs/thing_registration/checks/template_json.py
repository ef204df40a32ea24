"""Parses a template's JSON with the place of its fault."""

from __future__ import annotations

import json

from thing_registration.checks.rules import RULES
from thing_registration.problem import UNUSUAL_NUMBER, Problem, field_name, shown

# No documented template nests deeper than ten; Python's own parser stops near a thousand.
_DEEPEST = 100


def parse_template(text: str, source: str) -> tuple[dict[str, object] | None, list[Problem]]:
    """Parse a template; None for it where the text is no JSON object."""
    rule = RULES["template-json"]
    allowed = "a JSON object"
    twice: list[str] = []

    def object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice.extend(key for key in found if keys.count(key) > 1)
        return found

    try:
        text.encode()
        value = json.loads(text, object_pairs_hook=object_of, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        if not text.strip():
            return None, [rule.problem(source, None, None, "is empty", "nothing", allowed)]
        place = (source, error.lineno, None)
        what, got = "is not JSON", error.msg[:1].lower() + error.msg[1:]
        return None, [rule.problem(*place, what, got, allowed, error.colno)]
    except UnicodeEncodeError:
        got = "half of a surrogate pair"
        return None, [rule.problem(source, None, None, "is not UTF-8", got, allowed)]
    except ValueError:
        return None, [rule.problem(source, None, None, "is not JSON", UNUSUAL_NUMBER, allowed)]
    except RecursionError:
        value = _NESTED
    if value is _NESTED or _depth(value) > _DEEPEST:
        got = f"more than {_DEEPEST} levels"
        return None, [rule.problem(source, None, None, "is nested too deeply", got, allowed)]
    if not isinstance(value, dict):
        return None, [rule.problem(source, None, None, "is not an object", shown(value), allowed)]
    what, once = "stands twice in one object", "each key once"
    return value, [
        RULES["template-key-twice"].problem(source, None, field_name(key), what, shown(key), once)
        for key in twice
    ]


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
