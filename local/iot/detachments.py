"""A detachment that has not reached everything yet.

DetachThingPrincipal "is asynchronous. It might take several seconds for the detachment to
propagate". Until then the lists show the certificate and the thing together, and neither can be
deleted.
Source: https://docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from urllib.parse import unquote

from local.faults.strikes import Faults
from local.iot.errors import ServiceError, error_reply
from local.ministack.scope import Scope, current_scope
from local.ministack.service_handler import Handler, HttpReply

_PRINCIPALS = re.compile(r"/things/([^/]+)/principals")
_THING = re.compile(r"/things/([^/]+)")
_CERTIFICATE = re.compile(r"/certificates/([^/]+)")
_PRINCIPAL = "x-amzn-principal"


class Detachments:
    """The detachments of the last seconds."""

    def __init__(self, registry: Handler, faults: Faults) -> None:
        self._registry = registry
        self._faults = faults
        self._made: dict[tuple[Scope, str, str], float] = {}

    def clear(self) -> None:
        """Forget all detachments."""
        self._made.clear()

    def handler(self) -> Handler:
        """Return the handler to which a detachment is not known at once."""

        async def handle(
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, list[str]],
        ) -> HttpReply:
            if not self._faults.document.detachment_lag_seconds:
                return await self._registry(method, path, headers, body, query)
            refusal = self._refusal(path) if method == "DELETE" else None
            if refusal is not None:
                self._faults.strike("detachment_lag_seconds")
                return error_reply(refusal).http()
            principals, principal = _PRINCIPALS.fullmatch(path), headers.get(_PRINCIPAL, "")
            if principals and method == "DELETE":
                before = await self._registry("GET", path, {}, b"", {})
                if principal in json.loads(before[2]).get("principals", []):
                    thing = unquote(principals[1])
                    self._made[current_scope(), thing, principal] = time.time()
            reply = await self._registry(method, path, headers, body, query)
            if principals and method == "PUT":
                self._made.pop((current_scope(), unquote(principals[1]), principal), None)
            elif principals and method == "GET":
                return _with(reply, "principals", self._of(thing=unquote(principals[1])))
            elif path == "/principals/things" and method == "GET":
                return _with(reply, "things", self._of(principal=principal))
            return reply

        return handle

    def _refusal(self, path: str) -> ServiceError | None:
        thing, certificate = _THING.fullmatch(path), _CERTIFICATE.fullmatch(path)
        if thing is not None and self._of(thing=unquote(thing[1])):
            return ServiceError(
                "InvalidRequestException",
                f"Cannot delete. Thing {unquote(thing[1])} is still attached to one or more "
                "principals",
            )
        if certificate is not None and self._of(principal=certificate[1]):
            return ServiceError(
                "DeleteConflictException",
                f"Things must be detached before deletion (id: {certificate[1]})",
                409,
            )
        return None

    def _of(self, *, thing: str = "", principal: str = "") -> list[str]:
        """Return the principals of a thing, or the things of a principal, known by its end."""
        since = time.time() - self._faults.document.detachment_lag_seconds
        recent = [
            (name, of)
            for (scope, name, of), made in self._made.items()
            if scope == current_scope() and made > since
        ]
        if thing:
            return [of for name, of in recent if name == thing]
        return [name for name, of in recent if principal and of.endswith(principal)]


def _with(reply: HttpReply, name: str, more: list[str]) -> HttpReply:
    status, headers, content = reply
    if status != 200 or not more:
        return reply
    document: Mapping[str, list[str]] = json.loads(content)
    listed = [*document[name], *(item for item in more if item not in document[name])]
    return status, headers, json.dumps({**document, name: listed}).encode()
