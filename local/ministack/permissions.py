"""What a caller or a role may do, by ministack's policy evaluator.

ministack itself checks neither `iam:PassRole` nor whether a role trusts the service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import iam

from local.ministack.scope import Scope

IOT_SERVICE = "iot.amazonaws.com"


class Permissions:
    """The permissions of one access key, read anew for every question.

    An access key of the account itself (root) may do everything, as may every key while IAM
    enforcement is off.
    """

    def __init__(self, scope: Scope, access_key: str) -> None:
        self._scope = scope
        self._access_key = access_key

    @property
    def principal_arn(self) -> str:
        """Return the owner of the key; the account's root for an unknown key."""
        principal = self._principal()
        return str(getattr(principal, "arn", "")) or f"arn:aws:iam::{self._scope.account}:root"

    @property
    def is_root(self) -> bool:
        """Return whether the key is the account's own, or unknown."""
        found = iam_evaluator.resolve_credential(self._access_key, self._scope.account)
        return getattr(found, "principal_type", "Root") == "Root"

    def allow(self, action: str, resource: str, context: Mapping[str, Any] | None = None) -> bool:
        """Return whether identity policies, boundary and session policies allow an action."""
        if not app.AUTH:
            return True
        principal = self._principal()
        if isinstance(principal, iam_evaluator.AuthError):
            return False
        if principal.policies is None:
            return True
        question = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=action,
            resource_arn=resource,
            region=self._scope.region,
            service_context={"aws:tagkeys": None, **(context or {})},
            principal_keys=principal.keys,
        )
        answer = iam_evaluator.evaluate(question, principal.policies, *principal.limits)
        return bool(answer.decision == "Allow")

    def _principal(self) -> Any:
        return iam_evaluator.resolve_principal(self._access_key, self._scope.account)


def denial(principal_arn: str, action: str, resource: str) -> str:
    """Return AWS IoT's message to a caller without permission."""
    return (
        f"User: {principal_arn} is not authorized to perform: {action} on resource: {resource} "
        "because no identity-based policy allows the action"
    )


def role_trusts_iot(scope: Scope, role_arn: str, *, source_account: bool) -> bool:
    """Return whether a role exists in the account and trusts AWS IoT.

    Bulk registration is not among the services documented to send `aws:SourceArn` or
    `aws:SourceAccount`; a condition on them is met only if `source_account` is sent.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
    """
    if not app.AUTH:
        return True
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[4] != scope.account or not parts[5].startswith("role/"):
        return False
    role = iam._roles.get_scoped(scope.account, None, parts[5].rsplit("/", 1)[-1])
    if role is None:
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    trust = json.loads(document) if isinstance(document, str) else document
    statements = trust.get("Statement", [])
    matching = [
        statement["Effect"]
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if _lets_iot_assume(statement, scope, role_arn, source_account)
    ]
    return "Allow" in matching and "Deny" not in matching


def _lets_iot_assume(
    statement: Mapping[str, Any], scope: Scope, role_arn: str, source_account: bool
) -> bool:
    principal = statement.get("Principal")
    services = principal.get("Service", []) if isinstance(principal, dict) else principal
    if services != "*" and IOT_SERVICE not in _as_list(services):
        return False
    actions = {str(action).lower() for action in _as_list(statement.get("Action", []))}
    if not actions & {"sts:assumerole", "sts:*", "*"}:
        return False
    question = iam_evaluator.EvalContext(
        principal_arn=IOT_SERVICE,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=scope.region,
        service_context={"aws:sourceaccount": scope.account} if source_account else {},
    )
    return bool(iam_evaluator._conditions_met(statement.get("Condition") or {}, question))


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
