"""The IoT entry of ministack's service table: ours first, the rest passed on."""

from __future__ import annotations

from ministack.core.router import extract_access_key_id
from ministack.services import iot

from local.emulator.handler import Handler, HttpReply
from local.emulator.rights import Rights
from local.emulator.scope import current_scope
from local.iot.billing_groups import BillingGroups
from local.iot.errors import ServiceError, error_reply
from local.iot.service import Call, RegistrationService


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
        return passed_on

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


def _first(query: dict[str, list[str]]) -> dict[str, str]:
    return {name: values[0] for name, values in query.items()}
