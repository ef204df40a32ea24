"""The IoT entry of ministack's service table: ours first, the rest passed on."""

from __future__ import annotations

import json
import re

from ministack.core.router import extract_access_key_id
from ministack.services import iot

from local.emulator.handler import Handler, HttpReply
from local.emulator.rights import Rights
from local.emulator.scope import current_scope
from local.iot.billing_groups import BillingGroups
from local.iot.errors import ServiceError, error_reply
from local.iot.service import Call, RegistrationService

_DESCRIBE_THING = re.compile(r"/things/([^/]+)")


def registry_handler(billing_groups: BillingGroups) -> Handler:
    """The handler for the registry: billing groups are ours, the rest is ministack's."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        try:
            reply = billing_groups.handle(current_scope(), method, path, _first(query), body)
        except ServiceError as error:
            return error_reply(error).http()
        if reply is not None:
            return reply.http()
        passed_on: HttpReply = await iot.handle_request(method, path, headers, body, query)
        thing = _DESCRIBE_THING.fullmatch(path)
        if thing is None or method != "GET":
            return passed_on
        return _with_billing_group(passed_on, billing_groups.of_thing(current_scope(), thing[1]))

    return handle


def iot_handler(service: RegistrationService, registry: Handler) -> Handler:
    """The handler for all requests to AWS IoT; those that are no registration go to `registry`."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        scope = current_scope()
        caller = Rights(scope, extract_access_key_id(headers, query) or "")
        call = Call(scope, caller, method, path, _first(query), body)
        try:
            reply = await service.handle(call)
        except ServiceError as error:
            return error_reply(error).http()
        if reply is None:
            return await registry(method, path, headers, body, query)
        return reply.http()

    return handle


def _with_billing_group(described: HttpReply, billing_group: str | None) -> HttpReply:
    status, headers, body = described
    if status != 200 or billing_group is None:
        return described
    thing = {**json.loads(body), "billingGroupName": billing_group}
    return status, headers, json.dumps(thing).encode()


def _first(query: dict[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in query.items()}
