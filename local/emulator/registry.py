"""The IoT registry, called in the emulator's own process.

A task makes about ten calls for a device; over HTTP a file of 100,000 would take an hour.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import iot

from local.emulator.rights import Rights, denial
from local.emulator.scope import Scope, in_scope
from local.iot.billing_groups import BillingGroups
from local.iot.errors import ServiceError


class Registry:
    """The registry of one account and Region under one principal's rights."""

    def __init__(self, scope: Scope, rights: Rights, billing_groups: BillingGroups) -> None:
        self._scope = scope
        self._rights = rights
        self._billing_groups = billing_groups
        self._seen: set[str] = set()

    @property
    def scope(self) -> Scope:
        """Whose registry it is."""
        return self._scope

    async def call(
        self,
        method: str,
        path: str,
        document: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Make one call of the registry's REST API.

        Raises:
            ServiceError: the principal has no right to it, or the registry refuses it.
        """
        body = json.dumps(document).encode() if document is not None else b""
        parameters = {name: [value] for name, value in (query or {}).items()}
        self._check_right(method, path, body, parameters)
        with in_scope(self._scope):
            reply = self._billing_groups.handle(self._scope, method, path, query or {}, body)
            if reply is not None:
                return reply.body
            status, _, answer = await iot.handle_request(
                method, path, dict(headers or {}), body, parameters
            )
        answered: dict[str, Any] = json.loads(answer) if answer else {}
        if status >= 400:
            raise ServiceError(
                answered.get("__type", "InternalFailureException"),
                answered.get("message", ""),
                status,
            )
        return answered

    async def find(self, path: str) -> dict[str, Any] | None:
        """GET a resource; None when there is none."""
        try:
            return await self.call("GET", path)
        except ServiceError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise

    async def exists(self, path: str) -> bool:
        """Whether a resource is there; one that was is not looked up again.

        A description of a group with 100,000 things is long, and what a line needs of it is not.
        """
        if path not in self._seen and await self.find(path) is not None:
            self._seen.add(path)
        return path in self._seen

    def _check_right(
        self, method: str, path: str, body: bytes, parameters: dict[str, list[str]]
    ) -> None:
        action = iam_actions.extract_iam_action("iot", method, path, {}, body, parameters)
        if action is None:
            raise ServiceError("InternalFailureException", f"no action for {method} {path}")
        region, account = self._scope.region, self._scope.account
        resource = iam_actions.extract_resource_arn(
            "iot", method, path, {}, body, parameters, region, account
        )
        more = iam_actions.iot_resource_arns(method, path, body, region, account)[1:]
        for arn in (resource, *more):
            if not self._rights.allow(action, arn):
                raise ServiceError(
                    "AccessDeniedException", denial(self._rights.principal_arn, action, arn)
                )
