"""Requests of web pages, and requests that are too large."""

from __future__ import annotations

import asyncio
import http.client
from typing import Any
from urllib.parse import urlsplit

import pytest

from local import LocalAws
from local.server.foreign_requests import (
    MAX_OWN_BODY_BYTES,
    BodyTooLarge,
    is_foreign,
    limited,
)


@pytest.mark.parametrize(
    ("name", "value", "foreign"),
    [
        ("Host", "127.0.0.1:4566", False),
        ("Host", "localhost:4566", False),
        ("Host", "bucket.localhost:4566", False),
        ("Host", "[::1]:4566", False),
        ("Host", "bucket.127.0.0.1", False),
        ("Host", "evil.example", True),
        ("Host", "127.0.0.1.evil.example", True),
        ("Host", "localhost.evil.example:80", True),
        ("Host", "10.0.0.1", True),
        ("Host", "", True),
        ("Host", "[::1", True),
        ("Origin", "https://evil.example", True),
        ("Origin", "null", True),
        ("Origin", "http://localhost:3000", False),
        ("Origin", "http://127.0.0.1", False),
        ("Accept", "evil.example", False),
    ],
)
def test_a_foreign_origin_or_host_is_told(name: str, value: str, foreign: bool) -> None:
    assert is_foreign([(name.encode(), value.encode())]) is foreign
    assert is_foreign([(name.lower().encode(), value.encode())]) is foreign


def test_a_body_over_the_limit_is_not_read_further() -> None:
    parts = iter([b"abc", b"def", b"ghi"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(parts), "more_body": True}

    async def read(times: int) -> None:
        limit = limited(receive, 6)
        for _ in range(times):
            await limit()

    with pytest.raises(BodyTooLarge):
        asyncio.run(read(3))


def ask(aws: LocalAws, method: str, path: str, body: bytes = b"", **headers: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc, timeout=120)
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    return f"{reply.status} {reply.read().decode()}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_local/faults"),
        ("PUT", "/_ministack/cfn-response/x"),
        ("POST", "/2015-03-31/functions/f/invocations"),
        ("OPTIONS", "/"),
    ],
)
def test_a_web_page_is_refused_everywhere(aws: LocalAws, method: str, path: str) -> None:
    assert ask(aws, method, path, Origin="https://evil.example").startswith("403 requests with")
    assert ask(aws, method, path, Host="evil.example").startswith("403 requests with")
    assert "requests with a foreign" not in ask(aws, method, path, Origin="http://localhost:8000")


@pytest.mark.slow
def test_a_body_that_is_too_large_for_our_own_addresses_is_refused(aws: LocalAws) -> None:
    large = b"x" * (MAX_OWN_BODY_BYTES + 1)

    assert ask(aws, "PUT", "/_local/faults", large).startswith("413 ")
    assert ask(aws, "PUT", "/_ministack/cfn-response/x", large).startswith("413 ")
