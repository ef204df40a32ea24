"""Dynamic thing groups, which ministack lacks: groups that AWS fills by a query, and nobody else.

Here the query is kept and not run: such a group has no things.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/dynamic-thing-groups.html. That calls
which add things refuse these groups with InvalidRequestException is an assumption; the words are
those that https://github.com/rebuy-de/aws-nuke/issues/1199 quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from local.iot.errors import ServiceError, error_reply, invalid_request
from local.iot.requests import body_document
from local.ministack.scope import Scope, current_scope
from local.ministack.service_handler import Handler, HttpReply

_DYNAMIC = re.compile(r"/dynamic-thing-groups/([^/]+)")
_GROUP = re.compile(r"/thing-groups/([^/]+)")
_CHANGES = re.compile(r"/thing-groups/(addThingTo|removeThingFrom)ThingGroup")
_MANY_CHANGES = "/thing-groups/updateThingGroupsForThing"
_DEFAULTS = {"indexName": "AWS_Things", "queryVersion": "2017-09-30"}


class DynamicThingGroups:
    """The queries of the dynamic thing groups of all accounts."""

    def __init__(self) -> None:
        self._queries: dict[tuple[Scope, str], dict[str, str]] = {}

    def clear(self) -> None:
        """Forget all of them."""
        self._queries.clear()

    def check(self, scope: Scope, path: str, document: Mapping[str, Any]) -> None:
        """Check that a call does not change the members of a dynamic group.

        Raises:
            ServiceError: it does.
        """
        names: list[str] = []
        if _CHANGES.fullmatch(path):
            arn = str(document.get("thingGroupArn") or "")
            names = [str(document.get("thingGroupName") or arn.rpartition("/")[2])]
        elif path == _MANY_CHANGES:
            for member in ("thingGroupsToAdd", "thingGroupsToRemove"):
                names += document.get(member) or []
        if any((scope, name) in self._queries for name in names):
            raise invalid_request("This operation does not support dynamic thing groups")

    def handler(self, registry: Handler) -> Handler:
        """Return the registry's handler with dynamic groups in it."""

        async def handle(
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, list[str]],
        ) -> HttpReply:
            scope, dynamic = current_scope(), _DYNAMIC.fullmatch(path)
            if dynamic is not None:
                name = unquote(dynamic[1])
                if method != "POST" and (scope, name) not in self._queries:
                    missing = f"Thing group {name} does not exist"
                    return error_reply(
                        ServiceError("ResourceNotFoundException", missing, 404)
                    ).http()
                static = f"/thing-groups/{dynamic[1]}"
                reply = await registry(method, static, headers, body, query)
                return self._changed(scope, name, method, body, reply)
            try:
                if method == "PUT" and path.startswith("/thing-groups/"):
                    self.check(scope, path, body_document(body))
            except ServiceError as error:
                return error_reply(error).http()
            reply = await registry(method, path, headers, body, query)
            group = _GROUP.fullmatch(path)
            if method == "GET" and group is not None:
                return _with(reply, self._queries.get((scope, unquote(group[1])), {}))
            return reply

        return handle

    def _changed(
        self, scope: Scope, name: str, method: str, body: bytes, reply: HttpReply
    ) -> HttpReply:
        if reply[0] != 200:
            return reply
        if method == "DELETE":
            del self._queries[scope, name]
            return reply
        document = body_document(body)
        before = self._queries.get((scope, name), _DEFAULTS)
        chosen = {key: document[key] for key in ("queryString", *_DEFAULTS) if document.get(key)}
        self._queries[scope, name] = {**before, **chosen}
        return _with(reply, self._queries[scope, name]) if method == "POST" else reply


def _with(reply: HttpReply, members: Mapping[str, str]) -> HttpReply:
    if reply[0] != 200 or not members:
        return reply
    body = json.dumps({**json.loads(reply[2]), **members}).encode()
    headers = {name: value for name, value in reply[1].items() if name.lower() != "content-length"}
    return reply[0], headers, body
