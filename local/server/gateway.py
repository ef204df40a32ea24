"""The HTTP front: `/_local/…`, the answers to custom resources, and ministack for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.server.admin import Admin
from local.server.connections import Send, obeying_faults
from local.server.foreign_requests import (
    MAX_BODY_BYTES,
    MAX_OWN_BODY_BYTES,
    BodyTooLarge,
    is_foreign,
    limited,
)

# Where ministack points a custom resource's ResponseURL.
_ANSWER_PATH = "/_ministack/cfn-response/"


class Gateway:
    """The ASGI application, in front of ministack's own."""

    def __init__(
        self,
        app: Any,
        admin: Admin,
        put_answer: Callable[[str, bytes], int],
        on_ready: Callable[[], None],
    ) -> None:
        self._app = app
        self._admin = admin
        self._put_answer = put_answer
        self._on_ready = on_ready

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._announcing(send))
        elif is_foreign(scope["headers"]):
            await _refuse(scope, send)
        elif scope["type"] == "http":
            await self._serve_http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve_http(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        own = path.startswith(("/_local/", _ANSWER_PATH))
        receive = limited(receive, MAX_OWN_BODY_BYTES if own else MAX_BODY_BYTES)
        try:
            if path.startswith("/_local/"):
                await self._serve_admin(scope, receive, send)
            elif scope["method"] == "PUT" and path.startswith(_ANSWER_PATH):
                body = await read_body(receive)
                token = path.removeprefix(_ANSWER_PATH)
                # S3, behind AWS's URL, takes no chunks: NotImplemented.
                status = 501 if _is_chunked(scope) else self._put_answer(token, body)
                await send_reply(send, status, b"")
            else:
                await self._app(scope, receive, obeying_faults(send))
        except BodyTooLarge:
            await send_reply(send, 413, b"the body of the request is too large")

    def _announcing(self, send: Any) -> Send:
        async def announce(message: dict[str, Any]) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._on_ready()

        return announce

    async def _serve_admin(self, scope: Any, receive: Any, send: Any) -> None:
        body = await read_body(receive)
        status, answer = self._admin.handle(
            scope["method"], scope["path"], scope["query_string"].decode(), body
        )
        await send_reply(send, status, answer, "application/json")


def _is_chunked(scope: Any) -> bool:
    return any(name.lower() == b"transfer-encoding" for name, _ in scope["headers"])


async def _refuse(scope: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await send_reply(send, 403, b"requests with a foreign Origin or Host are refused")


async def read_body(receive: Any) -> bytes:
    """Read the whole body of an ASGI request."""
    parts = []
    while True:
        message = await receive()
        parts.append(bytes(message.get("body", b"")))
        if not message.get("more_body"):
            return b"".join(parts)


async def send_reply(send: Any, status: int, body: bytes, content_type: str = "text/plain") -> None:
    """Send a whole HTTP reply."""
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
