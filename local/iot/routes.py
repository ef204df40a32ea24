"""The IoT entry of ministack's service table: our calls first, the others passed on."""

from __future__ import annotations

import json
import re

from ministack.core.router import extract_access_key_id
from ministack.services import iot

from local.iot.billing_groups import BillingGroups
from local.iot.calls import Call
from local.iot.errors import ServiceError, error_reply
from local.iot.registration_service import RegistrationService
from local.ministack.permissions import Permissions
from local.ministack.scope import current_scope
from local.ministack.service_handler import Handler, HttpReply

_DESCRIBE_THING = re.compile(r"/things/([^/]+)")


def registry_handler(billing_groups: BillingGroups) -> Handler:
    """Return the handler of the registry: billing groups are ours, the rest is ministack's."""

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
    """Return the handler of all requests to AWS IoT; `registry` gets what is no registration."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        scope = current_scope()
        caller = Permissions(scope, extract_access_key_id(headers, query) or "")
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
