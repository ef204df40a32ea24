"""Difference: ministack takes a call of the billing-group API for one on any resource, `*`.

Patch: it is on the billing group that its path names.
Unnecessary once ministack has billing groups.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions

from local.ministack.scope import current_scope


def apply() -> None:
    """Apply the patch."""
    of_others = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> Any:
        parts = path.strip("/").split("/")
        named = len(parts) > 1 and parts[0] == "billing-groups"
        if service == "iot" and named and not parts[1].endswith("ThingToBillingGroup"):
            return current_scope().arn("iot", f"billinggroup/{unquote(parts[1])}")
        return of_others(service, method, path, *rest)

    iam_actions.extract_resource_arn = extract_resource_arn
