"""The IoT entry of ministack's service table: ours first, the rest passed on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.router import extract_access_key_id
from ministack.services import iot

from local.emulator.rights import Rights
from local.emulator.scope import current_scope
from local.iot.billing_groups import BillingGroups
from local.iot.errors import ServiceError, error_reply
from local.iot.service import Call, RegistrationService

HttpReply = tuple[int, dict[str, str], Any]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[HttpReply]]


def iot_handler(service: RegistrationService, billing_groups: BillingGroups) -> Handler:
    """The handler for all requests to AWS IoT."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        scope = current_scope()
        parameters = {name: values[0] for name, values in query.items()}
        caller = Rights(scope, extract_access_key_id(headers, query) or "")
        try:
            reply = billing_groups.handle(scope, method, path, parameters, body)
            if reply is None:
                call = Call(scope, caller, method, path, parameters, body)
                reply = await service.handle(call)
        except ServiceError as error:
            return error_reply(error).http()
        if reply is None:
            passed_on: HttpReply = await iot.handle_request(method, path, headers, body, query)
            return passed_on
        return reply.http()

    return handle
