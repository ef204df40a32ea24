"""A file in UTF-16 becomes UTF-8."""

from __future__ import annotations

from pathlib import Path

from tests.unit.constructs.cases import (
    check_bytes,
    messages,
    rewritten,
)


def test_utf_16_with_its_mark_becomes_utf_8(tmp_path: Path) -> None:
    content = '{"ThingName": "a"}\r\n'.encode("utf-16")

    verdict = check_bytes(tmp_path / "devices.jsonl", content)

    content, notes = rewritten(verdict)
    assert content == b'{"ThingName": "a"}\n'
    assert notes[0] == "devices.jsonl: UTF-16 becomes UTF-8"


def test_broken_utf_16_is_messages(tmp_path: Path) -> None:
    verdict = check_bytes(tmp_path / "devices.jsonl", b"\xff\xfe{\x00\x00")

    assert messages(verdict) == [
        "devices.jsonl: is not UTF-8 (broken UTF-16 at byte 5): must be UTF-8"
    ]
