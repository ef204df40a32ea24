"""The registry as it was some seconds ago, for callers of DescribeThing and of three lists.

What AWS IoT itself does, such as a registration task, works on the current state.
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import unquote

from local.faults.strikes import Faults
from local.ministack.scope import Scope, current_scope, in_scope
from local.ministack.service_handler import Handler, HttpReply

_THING = re.compile(r"/things/([^/]+)(/principals)?")
# What a list calls its items, and how one is identified.
_LISTS = {"/things": ("things", "thingName"), "/certificates": ("certificates", "certificateId")}


class RegistryHistory:
    """Answers from before the last changes; kept only while the registry lags.

    DescribeThing and ListThingPrincipals answer as they did then; ListThings and ListCertificates
    lack what is newer.
    """

    def __init__(self, registry: Handler, faults: Faults) -> None:
        self._registry = registry
        self._faults = faults
        self._answers: dict[tuple[Scope, str], list[tuple[float, HttpReply]]] = defaultdict(list)
        self._created: dict[tuple[Scope, str], float] = {}

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()
        self._created.clear()

    async def before(self, scope: Scope, method: str, path: str, body: bytes) -> None:
        """Keep how a thing is described before a call that may change it."""
        if method == "GET" or not self._faults.document.registry_lag_seconds:
            return
        thing = _thing_of(path, body)
        if thing is None:
            return
        for about in (f"/things/{thing}", f"/things/{thing}/principals"):
            with in_scope(scope):
                reply = await self._registry("GET", about, {}, b"", {})
            self._answers[scope, about].append((time.time(), reply))
            if about.endswith(thing) and reply[0] == 404:
                self._created[scope, thing] = time.time()

    def created(self, scope: Scope, answer: Mapping[str, object]) -> None:
        """Keep when a certificate was made, by the answer of the call that made it."""
        if self._faults.document.registry_lag_seconds and "certificateId" in answer:
            self._created.setdefault((scope, str(answer["certificateId"])), time.time())

    def handler(self) -> Handler:
        """Return the handler that answers as some seconds ago."""

        async def handle(
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, list[str]],
        ) -> HttpReply:
            scope = current_scope()
            await self.before(scope, method, path, body)
            lag = self._faults.document.registry_lag_seconds
            then = self._then(scope, path, lag) if method == "GET" and lag else None
            if then is not None:
                self._faults.strike("registry_lag_seconds")
                return then
            reply = await self._registry(method, path, headers, body, query)
            if method == "GET" and lag and path in _LISTS:
                return self._without_new(scope, path, reply, time.time() - lag)
            if method == "POST" and reply[0] == 200 and "certificate" in path:
                self.created(scope, json.loads(reply[2]))
            return reply

        return handle

    def _then(self, scope: Scope, path: str, lag: float) -> HttpReply | None:
        """Return the answer of `lag` seconds ago, None if it is still that one."""
        moment = time.time() - lag
        changes = self._answers.get((scope, path), [])
        return next((reply for changed, reply in changes if changed > moment), None)

    def _without_new(self, scope: Scope, path: str, reply: HttpReply, moment: float) -> HttpReply:
        name, identity = _LISTS[path]
        status, headers, content = reply
        document = json.loads(content)
        if status != 200 or name not in document:
            return reply
        old = [
            item
            for item in document[name]
            if self._created.get((scope, item[identity]), 0) <= moment
        ]
        if len(old) < len(document[name]):
            self._faults.strike("registry_lag_seconds")
        return status, headers, json.dumps({**document, name: old}).encode()


def _thing_of(path: str, body: bytes) -> str | None:
    """Return the thing that a call is about."""
    match = _THING.fullmatch(path)
    if match is not None:
        return unquote(match[1])
    if not path.startswith(("/billing-groups/", "/thing-groups/")) or not body:
        return None
    try:
        name = json.loads(body).get("thingName")
    except (ValueError, AttributeError):
        return None
    return str(name) if name else None
