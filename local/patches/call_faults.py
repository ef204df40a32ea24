"""Calls of any service that fail when a test asks for it.

A fault stands in front of the service's handler, so IAM has been asked before. The registration
calls of AWS IoT handle their faults themselves.
"""

from __future__ import annotations

import json
from html import escape

from ministack import app
from ministack.core import iam_actions

from local.faults.document import CallFault
from local.faults.strikes import Faults
from local.journal import Journal
from local.ministack.service_handler import Handler, HttpReply

_XML_SERVICES = ("cloudformation", "iam", "sts", "s3")
_SERVICES = ("states", "lambda", "logs", "events", *_XML_SERVICES)


def apply(faults: Faults, journal: Journal) -> None:
    """Apply the patch."""
    for service in _SERVICES:
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
        if any(fault.service == service for fault in faults.document.calls):
            action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
            api = str(action).partition(":")[2]
            fault = faults.call(service, api)
            if fault is not None:
                journal.write("fault", fault="calls", service=service, api=api, code=fault.code)
                return _reply(service, fault)
        return await handler(method, path, headers, body, query)

    return handle


def _reply(service: str, fault: CallFault) -> HttpReply:
    status = fault.status or (500 if fault.code.startswith("Internal") else 400)
    if service in _XML_SERVICES:
        error = f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
        body = f"<Error>{error}</Error>"
        if service != "s3":
            body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        return status, {"Content-Type": "text/xml"}, body.encode()
    body = json.dumps({"__type": fault.code, "message": fault.message})
    headers = {"Content-Type": "application/json", "x-amzn-errortype": fault.code}
    return status, headers, body.encode()
