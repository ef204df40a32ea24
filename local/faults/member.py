"""A member of the fault document: its default and the check of its value."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from local.faults.checks import Check


def member(default: Any, check: Check) -> Any:
    """Return the field of a member."""
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"check": check})
    return field(default=default, metadata={"check": check})
