"""References within a JSON value: Ref, and the intrinsic functions Fn::*."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard


def references_in(value: object) -> Iterator[dict[str, object]]:
    """Return every Ref and Fn::* within a JSON value, those within a Fn::* too."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if is_reference(one):
            yield one
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def is_reference(value: object) -> TypeGuard[dict[str, object]]:
    """Return whether a JSON value is a Ref or an intrinsic function."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = str(next(iter(value)))
    return key == "Ref" or key.startswith("Fn:")
