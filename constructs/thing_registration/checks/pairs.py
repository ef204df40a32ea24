"""JSON objects as they are written: in the order of their keys, with those that appear twice."""

from __future__ import annotations

import json


class Pairs(list[tuple[str, object]]):
    """The pairs of an object, as `object_pairs_hook` of `json` gives them."""


def dump(value: object) -> str:
    """Return the JSON of a value that may contain objects as pairs."""
    if isinstance(value, Pairs):
        members = (f"{json.dumps(key)}: {dump(member)}" for key, member in value)
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump, value)) + "]"
    return json.dumps(value, default=str)
