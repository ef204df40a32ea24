"""Difference: a Choice compares a Variable that does not exist, and the comparison is false.

Patch: the execution fails with States.Runtime, unless the comparison is IsPresent.
Unnecessary once ministack fails such a Choice.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions

_COMBINED = ("And", "Or", "Not")


def apply() -> None:
    """Apply the patch."""
    evaluate = stepfunctions._evaluate_rule

    def evaluate_rule(rule: Mapping[str, Any], data: Any, ctx: Any = None) -> Any:
        path = rule.get("Variable", "")
        combined = any(name in rule for name in _COMBINED)
        if not combined and "IsPresent" not in rule and not exists(path, data):
            raise stepfunctions._ExecutionError(
                "States.Runtime",
                f"Invalid path '{path}': The choice state's condition path references an invalid "
                "value.",
            )
        return evaluate(rule, data, ctx)

    stepfunctions._evaluate_rule = evaluate_rule


def exists(path: str, data: Any) -> bool:
    """Return whether a path of fields and indexes leads to a value; other paths are not judged."""
    tokens = stepfunctions._parse_jsonpath_tokens(path) if path.startswith("$.") else None
    for kind, key in tokens or ():
        if kind not in ("field", "index"):
            return True
        container, inside = (dict, data) if kind == "field" else (list, range(_length(data)))
        if not isinstance(data, container) or key not in inside:
            return False
        data = data[key]
    return True


def _length(data: Any) -> int:
    return len(data) if isinstance(data, list) else 0
