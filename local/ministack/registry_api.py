"""ministack's IoT registry, called in its own process, and what IAM asks about such a call.

A task makes about ten calls per device; over HTTP a file of 100,000 devices would take an hour.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import iot

from local.ministack.scope import Scope, in_scope


def thing_exists(scope: Scope, name: str) -> bool:
    """Return whether the registry has a thing."""
    with in_scope(scope):
        return name in iot._things


def required_permission(
    scope: Scope, method: str, path: str, body: bytes, query: Mapping[str, str]
) -> tuple[str | None, list[str]]:
    """Return the action of a call (None: unknown) and the ARNs that it must be allowed on."""
    parameters = _parameters(query)
    region, account = scope.region, scope.account
    action = iam_actions.extract_iam_action("iot", method, path, {}, body, parameters)
    resource = iam_actions.extract_resource_arn(
        "iot", method, path, {}, body, parameters, region, account
    )
    more = iam_actions.iot_resource_arns(method, path, body, region, account)[1:]
    return action, [resource, *more]


async def call_registry(
    scope: Scope,
    method: str,
    path: str,
    body: bytes,
    query: Mapping[str, str],
    headers: Mapping[str, str],
) -> tuple[int, dict[str, Any]]:
    """Make a call of the registry's REST API and return its HTTP status and document."""
    with in_scope(scope):
        status, _, answer = await iot.handle_request(
            method, path, dict(headers), body, _parameters(query)
        )
    return status, json.loads(answer) if answer else {}


def _parameters(query: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in query.items()}
