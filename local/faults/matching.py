"""Whether a fault's `payload` is found in an event."""

from __future__ import annotations

from collections.abc import Mapping


def contains(value: object, wanted: object) -> bool:
    """Return whether `wanted` is found in a value, at any depth: an object by its members."""
    if not wanted and isinstance(wanted, Mapping):
        return True
    if _matches(value, wanted):
        return True
    if isinstance(value, Mapping):
        return any(contains(item, wanted) for item in value.values())
    if isinstance(value, list):
        return any(contains(item, wanted) for item in value)
    return False


def _matches(value: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and _matches(value[name], item) for name, item in wanted.items()
        )
    return value == wanted
