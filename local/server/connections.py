"""Connections that close without an answer, or in the middle of one, when a fault asks for it.

hypercorn answers 500 for an application that sends nothing; here an application can send
`{"type": "local.drop"}`, and the connection is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream

from local.ministack.service_handler import CONNECTION_HEADER, DROPPED

_DROP = "local.drop"
_HEADER = CONNECTION_HEADER.encode()

Send = Callable[[dict[str, Any]], Any]


def allow_dropping() -> None:
    """Teach hypercorn the message that drops a connection, once per process."""
    app_send: Any = HTTPStream.app_send

    async def app_send_or_drop(self: Any, message: Any) -> None:
        if message is None or message["type"] != _DROP:
            await app_send(self, message)
        elif not self.closed:
            self.state = ASGIHTTPState.CLOSED
            await self.send(StreamClosed(stream_id=self.stream_id))

    HTTPStream.app_send = app_send_or_drop  # type: ignore[method-assign]


def obeying_faults(send: Send) -> Send:
    """Return a `send` that drops the connection where the reply's headers ask for it."""
    left: int | None = None

    async def send_or_drop(message: dict[str, Any]) -> None:
        nonlocal left
        if message["type"] == "http.response.start":
            wanted, headers = _take_header(message)
            if wanted == DROPPED:
                left = -1
                await send({"type": _DROP})
                return
            if wanted is not None:
                left = int(wanted.partition(" ")[2])
            await send({**message, "headers": headers})
        elif left is None:
            await send(message)
        elif left >= 0 and message["type"] == "http.response.body":
            body = message.get("body", b"")
            if len(body) <= left and message.get("more_body"):
                left -= len(body)
                await send(message)
                return
            await send({**message, "body": body[:left], "more_body": True})
            left = -1
            await send({"type": _DROP})

    return send_or_drop


def _take_header(message: dict[str, Any]) -> tuple[str | None, list[tuple[bytes, bytes]]]:
    headers = list(message.get("headers", ()))
    wanted = next((value for name, value in headers if name.lower() == _HEADER), None)
    rest = [(name, value) for name, value in headers if name.lower() != _HEADER]
    return (wanted.decode() if wanted is not None else None), rest
