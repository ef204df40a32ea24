"""Calls of any service that fail, are slow or get no answer when a test asks for it.

A fault stands in front of the service's handler, behind IAM. The registration calls of AWS IoT
handle their faults themselves. AWS IoT's own writing of reports is never struck.
"""

from __future__ import annotations

import asyncio
import json
from html import escape
from urllib.parse import unquote

from ministack import app

from local.faults.document import CallFault
from local.faults.service_apis import MODELS, api_of_request
from local.faults.strikes import Faults
from local.iot.reports import SERVICE_ACCOUNT
from local.journal import Journal
from local.ministack.scope import current_scope
from local.ministack.service_handler import Handler, HttpReply, cut_after, dropped_reply

_XML_SERVICES = ("cloudformation", "iam", "sts", "s3")
# The report links are signed by AWS IoT's own account.
_DOWNLOAD = "GetObject"


def apply(faults: Faults, journal: Journal) -> None:
    """Apply the patch."""
    for service in MODELS:
        if service != "iot":
            app.SERVICE_HANDLERS[service] = guarded(
                service, app.SERVICE_HANDLERS[service], faults, journal
            )


def guarded(service: str, handler: Handler, faults: Faults, journal: Journal) -> Handler:
    """Return a service's handler with the faults in front of it."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        struck = any(fault.service == service for fault in faults.document.calls)
        if not struck and not (service == "s3" and faults.document.downloads.next):
            return await handler(method, path, headers, body, query)
        api = api_of_request(service, method, path, headers, body, query)
        if service == "s3" and api == _DOWNLOAD:
            handle_call = _cut(handler, faults, journal)
        else:
            handle_call = handler
        own = current_scope().account == SERVICE_ACCOUNT and "X-Amz-Signature" not in query
        fault = None if api is None or own else faults.call(service, api)
        if fault is None:
            return await handle_call(method, path, headers, body, query)
        journal.write(
            "fault", fault="calls", service=service, api=api, code=fault.code, when=fault.when
        )
        if fault.when == "before":
            await asyncio.sleep(fault.latency)
        failure = _reply(service, fault)
        if failure is not None and fault.when == "before":
            return failure
        answer = await handle_call(method, path, headers, body, query)
        if fault.when == "after":
            await asyncio.sleep(fault.latency)
        return answer if failure is None or fault.when == "before" else failure

    return handle


def _cut(handler: Handler, faults: Faults, journal: Journal) -> Handler:
    """Return a handler whose answer breaks off after some bytes."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        status, answered, content = await handler(method, path, headers, body, query)
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        sent = faults.download(bucket, key) if status in (200, 206) else None
        if sent is None:
            return status, answered, content
        journal.write("fault", fault="downloads", bucket=bucket, key=key, sent_bytes=sent)
        return status, {**answered, **cut_after(sent)}, content

    return handle


def _reply(service: str, fault: CallFault) -> HttpReply | None:
    """Return the answer of a fault, None if it lets the service's own answer through."""
    if fault.what == "dropped":
        return dropped_reply()
    if fault.code is None:
        return None
    status = fault.status or (500 if fault.code.startswith("Internal") else 400)
    return failure_reply(service, fault.code, fault.message, status)


def failure_reply(service: str, code: str, message: str, status: int) -> HttpReply:
    """Return a service's answer with an error."""
    if service in _XML_SERVICES:
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        xml = f"<Error>{error}</Error>"
        if service != "s3":
            xml = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        return status, {"Content-Type": "text/xml"}, xml.encode()
    body = json.dumps({"__type": code, "message": message})
    headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
    return status, headers, body.encode()
