"""A JSON array becomes lines, and its problems keep their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.constructs.cases import (
    check_bytes,
    messages,
    rewritten,
)

NO_ARRAY, ARRAY = "is not a valid JSON array", "must be a JSON array of objects"


def test_an_array_becomes_lines_and_keeps_its_places(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    good = check_bytes(path, b'[\n  {"ThingName":\n "a"},\n  {"ThingName": "\\u0062"}\n]\n')
    content, notes = rewritten(good)

    bad = check_bytes(path, b'[\n  {"ThingName":\n "a"},\n  {"ThingName": "a", "ThingName": "b"}]')

    assert content == b'{"ThingName": "a"}\n{"ThingName": "b"}\n'
    assert notes == ["devices.json: each object of the JSON array becomes one line"]
    assert messages(bad) == [
        'devices.json:4: ThingName: appears twice on this line, as "a" and "b": '
        "a line may have each parameter only once",
        'devices.json:4: ThingName: "a" is already on line 2: each thing may appear only once',
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "devices.json: contains no devices (0 lines): must have one JSON object per line"),
        (b"[", f"devices.json:1:2: {NO_ARRAY} (expecting value): {ARRAY}"),
        (b"[{} {}]", f"devices.json:1:5: {NO_ARRAY} (expecting ',' delimiter): {ARRAY}"),
        (b"[{}]x", f"devices.json:1:5: {NO_ARRAY} (extra data): {ARRAY}"),
        (b'[{"a": "\xff"}]', "devices.json: is not UTF-8 (byte 0xff at position 9): must be UTF-8"),
        (b"[" * 100_000, f"devices.json: {NO_ARRAY} (too many levels): {ARRAY}"),
    ],
)  # fmt: skip
def test_a_broken_array_is_reported_with_its_place(
    tmp_path: Path, content: bytes, message: str
) -> None:
    assert message in messages(check_bytes(tmp_path / "devices.json", content))
