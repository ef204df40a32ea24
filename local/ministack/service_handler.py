"""The type of a handler in ministack's service table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

# Status, headers, body: bytes, or a stream of ministack's own.
HttpReply = tuple[int, dict[str, str], Any]
# Called with the method, the decoded path, headers in lower case, the body and the query.
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[HttpReply]]
