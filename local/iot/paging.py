"""Pages of a list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from local.iot.errors import invalid_request
from local.iot.requests import Page

# How many items a page has when `maxResults` is not given is not documented; a small number catches
# a caller that reads one page only.
DEFAULT_PAGE_SIZE = 25

Item = TypeVar("Item")


def paginate(
    items: Sequence[Item], page: Page, default_size: int = DEFAULT_PAGE_SIZE
) -> tuple[list[Item], dict[str, object]]:
    """Return the items of a page and, unless it is the last, `{"nextToken": …}`.

    Raises:
        ServiceError: the token is invalid.
    """
    start = _offset(page.token) if page.token else 0
    end = start + (page.size or default_size)
    token: dict[str, object] = {"nextToken": _token(end)} if end < len(items) else {}
    return list(items[start:end]), token


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset:{offset}".encode()).decode()


def _offset(token: str) -> int:
    try:
        label, _, offset = base64.urlsafe_b64decode(token).decode().partition(":")
        if label != "offset":
            raise ValueError(label)
        return int(offset)
    except (ValueError, binascii.Error):
        raise invalid_request("Invalid nextToken") from None
