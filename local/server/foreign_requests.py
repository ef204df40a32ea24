"""Requests that are refused because a web page sent them, or because they are too large.

A page in the developer's browser can send requests to a port on the same machine. Its requests
have an `Origin`, or, if its name was pointed to 127.0.0.1, a foreign `Host`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

MAX_BODY_BYTES = 256 * 1024 * 1024
MAX_OWN_BODY_BYTES = 1024 * 1024  # /_local/… and the answers to custom resources

# SDKs put the name of a bucket or a service in front: `bucket.localhost`.
_LOOPBACK = re.compile(r"(?:.+\.)?(?:localhost|127(?:\.\d{1,3}){3})|::1")


class BodyTooLarge(Exception):
    """The body of a request is over the limit."""


def is_foreign(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a request comes from a web page, or is for another machine."""
    return any(
        not _is_loopback(name.lower(), value.decode("latin-1").strip())
        for name, value in headers
        if name.lower() in (b"origin", b"host")
    )


def limited(receive: Callable[[], Any], most: int) -> Callable[[], Any]:
    """Return a `receive` that raises BodyTooLarge once a body is over the limit."""
    received = 0

    async def receive_limited() -> Any:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise BodyTooLarge
        return message

    return receive_limited


def _is_loopback(name: bytes, value: str) -> bool:
    try:
        host = urlsplit(value if name == b"origin" else f"//{value}").hostname
    except ValueError:
        return False
    return bool(host and _LOOPBACK.fullmatch(host))
