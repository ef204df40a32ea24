"""From botocore and urllib straight into the application: HTTP without sockets."""

from __future__ import annotations

import email.message
import io
import urllib.error
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError

_HOST = ("127.0.0.1", 0)


@dataclass
class Exchange:
    """One request and what came back.

    Attributes:
        is_dropped: the connection was closed before the answer, or in the middle of it.
    """

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes
    status: int = 0
    answered: list[tuple[bytes, bytes]] = field(default_factory=list)
    content: bytes = b""
    is_dropped: bool = False

    def scope(self) -> dict[str, Any]:
        """Return the request as ASGI has it."""
        parts = urllib.parse.urlsplit(self.url)
        names = {name.lower() for name, _ in self.headers}
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers]
        if "host" not in names:
            headers.append((b"host", parts.netloc.encode()))
        if "content-length" not in names:
            headers.append((b"content-length", str(len(self.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": urllib.parse.unquote(parts.path) or "/",
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": headers,
            "client": _HOST,
            "server": _HOST,
        }

    async def run(self, application: Any) -> None:
        """Let the application answer."""
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": self.body, "more_body": False}

        parts: list[bytes] = []

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.status, self.answered = message["status"], list(message.get("headers", ()))
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
            else:
                self.is_dropped = True

        await application(self.scope(), receive, send)
        self.content = b"".join(parts)

    def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        """Answer without the application."""
        self.status, self.content = status, content
        self.answered = [(name.encode(), value.encode()) for name, value in headers.items()]


class _Body(io.BytesIO):
    """The body of an answer as urllib3 has it; `read_bytes` is told what is read, before it is."""

    def __init__(self, content: bytes, told: Callable[[bytes], None], is_cut: bool) -> None:
        super().__init__(content)
        self._told = told
        self._is_cut = is_cut

    def read(self, amount: int | None = -1, **_: Any) -> bytes:
        content = super().read(-1 if amount is None else amount)
        self._told(content)
        return content

    def stream(self, amount: int = 65536, decode_content: Any = None) -> Iterator[bytes]:
        while chunk := self.read(amount):
            yield chunk
        if self._is_cut:
            raise OSError("the connection was closed in the middle of the answer")

    def release_conn(self) -> None:
        """Do nothing: there is no connection."""


def request_exchange(request: Any) -> Exchange:
    """Return the exchange of one of botocore's requests."""
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    elif isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, (bytes, bytearray)):
        body = b"".join(body)
    headers = [(name, _text(value)) for name, value in request.headers.items()]
    skipped = ("content-length", "transfer-encoding")
    kept = [(name, value) for name, value in headers if name.lower() not in skipped]
    return Exchange(request.method, request.url, kept, bytes(body))


def response(request: Any, exchange: Exchange, told: Callable[[bytes], None]) -> AWSResponse:
    """Return the answer as botocore has it.

    Raises:
        ConnectionClosedError: there is none, or not the whole.
    """
    if exchange.status == 0:
        raise ConnectionClosedError(endpoint_url=request.url)
    headers: Any = HeadersDict((name.decode(), value.decode()) for name, value in exchange.answered)
    body = _Body(exchange.content, told, exchange.is_dropped)
    made = AWSResponse(request.url, exchange.status, headers, body)
    if not request.stream_output:
        if exchange.is_dropped:
            raise ConnectionClosedError(endpoint_url=request.url)
        made.content  # noqa: B018 - read now, as botocore does
    return made


def link_exchange(request: Any) -> Exchange:
    """Return the exchange of a link, or of one of urllib's requests."""
    if isinstance(request, str):
        return Exchange("GET", request, [], b"")
    headers: Iterable[tuple[str, str]] = request.header_items()
    return Exchange(request.get_method(), request.full_url, list(headers), request.data or b"")


class Opened(_Body):
    """What `urlopen` returns."""

    def __init__(self, exchange: Exchange, told: Callable[[bytes], None]) -> None:
        super().__init__(exchange.content, told, exchange.is_dropped)
        self.status = self.code = exchange.status
        self.headers = email.message.Message()
        for name, value in exchange.answered:
            self.headers[name.decode()] = value.decode()
        self.length = len(exchange.content)


def opened(exchange: Exchange, told: Callable[[bytes], None]) -> Opened:
    """Return the answer as `urlopen` does.

    Raises:
        urllib.error.HTTPError: it is an error.
        ConnectionResetError: there is none.
    """
    if exchange.status == 0:
        raise ConnectionResetError("the connection was closed without an answer")
    answer = Opened(exchange, told)
    if exchange.status >= 400:
        headers: Any = answer.headers
        raise urllib.error.HTTPError(exchange.url, exchange.status, "", headers, answer)
    return answer


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
