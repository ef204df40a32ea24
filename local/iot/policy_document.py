"""What AWS IoT refuses of a policy document.

Sources: https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html (the elements of a
statement), https://docs.aws.amazon.com/general/latest/gr/iot-core.html (the size). The words after
"Policy document is Malformed" are assumptions, except for those about the version.
"""

from __future__ import annotations

import json
from typing import Any

from local.iot import limits

_MALFORMED = "Policy document is Malformed"
_VERSIONS = ("2012-10-17", "2008-10-17")
_STATEMENT = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


def policy_document_violation(document: str) -> str | None:
    """Return what is wrong with a policy document, or None."""
    try:
        policy = json.loads(document)
    except (ValueError, RecursionError):
        policy = None
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), list | dict):
        return f"{_MALFORMED}."
    if policy.get("Version") not in _VERSIONS:
        return f"{_MALFORMED}: Version is missing or unknown."
    size = len("".join(document.split()))
    if size > limits.MAX_POLICY_CHARS:
        return (
            f"{_MALFORMED}: it has {size} characters without white space, "
            f"at most {limits.MAX_POLICY_CHARS} are allowed."
        )
    if policy.keys() - {"Version", "Id", "Statement"}:
        return f"{_MALFORMED}: Invalid policy syntax."
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        violation = _statement_violation(statement)
        if violation is not None:
            return f"{_MALFORMED}: {violation}."
    return None


def _statement_violation(statement: Any) -> str | None:
    if not isinstance(statement, dict) or statement.keys() - _STATEMENT:
        return "Invalid policy syntax"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return "Effect must be Allow or Deny"
    actions = _texts(statement, "Action")
    if not actions or not all(one == "*" or ":" in one for one in actions):
        return "Action is missing or invalid"
    resources = _texts(statement, "Resource")
    if not resources or not all(one == "*" or one.startswith("arn:") for one in resources):
        return "Resource must be an ARN or *"
    return None


def _texts(statement: dict[str, Any], name: str) -> list[str]:
    """Return the texts of an element or of its negation; none where one is no text."""
    value = statement.get(name, statement.get(f"Not{name}"))
    values = value if isinstance(value, list) else [value]
    texts = [one for one in values if isinstance(one, str)]
    return texts if len(texts) == len(values) else []
