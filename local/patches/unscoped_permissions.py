"""Difference: ministack lets a call about a thing's principals be allowed for some things only.

Patch: such a call is on any resource, `*`, as in AWS, which knows no resource for it.
Unnecessary once ministack follows the page.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions


def apply() -> None:
    """Apply the patch."""
    of_others = iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, method: str, path: str, *rest: Any) -> Any:
        parts = path.strip("/").split("/")
        # ListThingPrincipals, AttachThingPrincipal, DetachThingPrincipal.
        if service == "iot" and parts[0] == "things" and parts[2:] == ["principals"]:
            return "*"
        return of_others(service, method, path, *rest)

    iam_actions.extract_resource_arn = extract_resource_arn
