"""The connection is dropped where a reply's header asks for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local.server.connections import obeying_faults

START = {"type": "http.response.start", "status": 200}


def sent(header: str | None, *bodies: bytes) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    async def run() -> None:
        wrapped = obeying_faults(send)
        headers = [(b"content-length", b"6")]
        if header is not None:
            headers.append((b"x-local-connection", header.encode()))
        await wrapped({**START, "headers": headers})
        for n, body in enumerate(bodies, 1):
            more = n < len(bodies)
            await wrapped({"type": "http.response.body", "body": body, "more_body": more})

    asyncio.run(run())
    return messages


def test_an_ordinary_reply_is_left_alone() -> None:
    start, *rest = sent(None, b"abc", b"def")

    assert start["headers"] == [(b"content-length", b"6")]
    assert [message["body"] for message in rest] == [b"abc", b"def"]


def test_nothing_is_sent_of_a_dropped_reply() -> None:
    assert sent("dropped", b"abcdef") == [{"type": "local.drop"}]


@pytest.mark.parametrize("bodies", [(b"abcdef",), (b"abc", b"def"), (b"a", b"b", b"cdef")])
def test_a_cut_reply_has_its_whole_length_and_some_of_its_bytes(bodies: tuple[bytes, ...]) -> None:
    start, *rest, last = sent("cut 4", *bodies)

    assert start["headers"] == [(b"content-length", b"6")]
    assert b"".join(message["body"] for message in rest) == b"abcd"
    assert all(message["more_body"] for message in rest)
    assert last == {"type": "local.drop"}
