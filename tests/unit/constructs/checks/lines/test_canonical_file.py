"""The file that is uploaded is canonical, and the changes are reported."""

from __future__ import annotations

from pathlib import Path

from tests.unit.constructs.cases import (
    check_bytes,
    rewritten,
)


def test_a_canonical_file_is_uploaded_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"

    verdict = check_bytes(path, b'{"ThingName": "a"}\n{"ThingName":"b"}')

    assert (verdict.canonical, verdict.rewrites, verdict.lines) == (path, (), 2)


def test_what_a_canonical_file_has_not_is_left_out_and_this_is_messages(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"ThingName": "a"}\r\n\r\n \t\n{"ThingName": "b"}\n\n'

    verdict = check_bytes(tmp_path / "devices.jsonl", content)

    assert rewritten(verdict) == (
        b'{"ThingName": "a"}\n{"ThingName": "b"}\n',
        [
            "devices.jsonl: the byte order mark is left out",
            "devices.jsonl: CR LF line ends become LF",
            "devices.jsonl: 3 blank lines are left out",
        ],
    )
