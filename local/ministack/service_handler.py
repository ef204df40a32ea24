"""The type of a handler in ministack's service table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

# Status, headers, body: bytes, or a stream of ministack's own.
HttpReply = tuple[int, dict[str, str], Any]
# Called with the method, the decoded path, headers in lower case, the body and the query.
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[HttpReply]]

# A header of a reply that tells the HTTP front what to do with the connection instead of, or in the
# middle of, sending the reply. It never leaves this process.
CONNECTION_HEADER = "x-local-connection"
DROPPED = "dropped"


def cut_after(sent_bytes: int) -> dict[str, str]:
    """Return the header of a reply whose body breaks off after some bytes."""
    return {CONNECTION_HEADER: f"cut {sent_bytes}"}


def dropped_reply() -> HttpReply:
    """Return the reply that closes the connection without an answer."""
    # The status is for callers inside of ministack, who have no connection.
    return 503, {CONNECTION_HEADER: DROPPED}, b""
