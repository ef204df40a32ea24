"""The IoT registry under one principal's permissions: ministack's, and our billing groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.iot.billing_groups import BillingGroups
from local.iot.dynamic_groups import DynamicThingGroups
from local.iot.errors import ServiceError
from local.iot.registry_history import RegistryHistory
from local.ministack.permissions import Permissions, denial
from local.ministack.registry_api import call_registry, required_permission
from local.ministack.scope import Scope


class Registry:
    """The registry of one account and Region under one principal's permissions."""

    def __init__(
        self,
        scope: Scope,
        permissions: Permissions,
        billing_groups: BillingGroups,
        dynamic_groups: DynamicThingGroups,
        history: RegistryHistory,
    ) -> None:
        self._scope = scope
        self._permissions = permissions
        self._billing_groups = billing_groups
        self._dynamic_groups = dynamic_groups
        self._history = history
        self._seen: set[str] = set()
        self._usable_types: set[str] = set()

    async def call(
        self,
        method: str,
        path: str,
        document: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Make one call of the registry's REST API and return its document.

        Raises:
            ServiceError: the principal has no permission for it, or the registry refuses it.
        """
        body = json.dumps(document).encode() if document is not None else b""
        self._check_permission(method, path, body, query or {})
        await self._history.before(self._scope, method, path, body)
        self._dynamic_groups.check(self._scope, path, document or {})
        reply = self._billing_groups.handle(self._scope, method, path, query or {}, body)
        if reply is not None:
            return reply.body
        status, answered = await call_registry(
            self._scope, method, path, body, query or {}, headers or {}
        )
        if status >= 400:
            raise ServiceError(
                answered.get("__type", "InternalFailureException"),
                answered.get("message", ""),
                status,
            )
        if method == "POST":
            self._history.created(self._scope, answered)
        return answered

    async def find(self, path: str) -> dict[str, Any] | None:
        """GET a resource; return None if it does not exist."""
        try:
            return await self.call("GET", path)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise

    async def exists(self, path: str) -> bool:
        """Return whether a resource exists; one that did is not looked up again.

        The description of a group with 100,000 things is long, and a line needs nothing of it.
        """
        if path not in self._seen and await self.find(path) is not None:
            self._seen.add(path)
        return path in self._seen

    def billing_group_of(self, thing: str) -> str | None:
        """Return the billing group of a thing, or None."""
        return self._billing_groups.of_thing(self._scope, thing)

    async def is_deprecated(self, thing_type: str) -> bool:
        """Return whether a thing type is deprecated; one that was not is not looked up again."""
        if thing_type not in self._usable_types:
            described = await self.call("GET", f"/thing-types/{thing_type}")
            if described["thingTypeMetadata"].get("deprecated"):
                return True
            self._usable_types.add(thing_type)
        return False

    def _check_permission(
        self, method: str, path: str, body: bytes, query: Mapping[str, str]
    ) -> None:
        action, resources = required_permission(self._scope, method, path, body, query)
        if action is None:
            raise ServiceError("InternalFailureException", f"no action for {method} {path}")
        for arn in resources:
            if not self._permissions.allow(action, arn):
                raise ServiceError(
                    "AccessDeniedException", denial(self._permissions.principal_arn, action, arn)
                )
