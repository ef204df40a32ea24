"""Objects that do not have a line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.constructs.cases import check_bytes
from thing_registration.checks.lines.object_stream import objects_over_lines

A, B = {"ThingName": "a"}, {"ThingName": "b"}


def pretty(*records: object) -> bytes:
    return b"\n".join(json.dumps(record, indent=2).encode() for record in records)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (pretty(A), 1, "the object goes on for 3 lines:"),
        (pretty(A, B), 1, "the object goes on for 3 lines, and 1 more do:"),
        (b"\n\n" + pretty(A), 3, "for 3 lines:"),
        (b"\xef\xbb\xbf" + pretty(A), 1, "for 3 lines:"),
        (b'{"ThingName": "a"}\n{"ThingName":\r\n "b"}\n', 2, "for 2 lines:"),
        (b'{"ThingName": "a"},\n{"ThingName": "b"}\n', 1, "a comma follows the object:"),
        (b'{"ThingName": "a"},\n{"ThingName": "b"},\n', 1, "a comma follows the object, and 1"),
        (pretty(A) + b",\n" + pretty(B), 1, "for 3 lines, and 1 more do:"),
        (b'{"ThingName": "a"} {"ThingName":\n"b"}', 1, "for 2 lines:"),
    ],
)
def test_objects_that_do_not_have_a_line_each_are_one_error(
    tmp_path: Path, content: bytes, line: int, words: str
) -> None:
    verdict = check_bytes(tmp_path / "d.jsonl", content)

    assert verdict.counts == {"object-over-lines": 1}
    assert (verdict.problems[0].line, words in verdict.problems[0].message) == (line, True)


@pytest.mark.parametrize(
    "content",
    [b'{"a": 1}\n{\n', b'{\n"a": 1,\n}\n', b'{"a": 1}\nb\n', b"\xff", b"[1]", b"", b"{" * 9_000],
)
def test_what_is_broken_for_another_reason_is_not_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.jsonl").write_bytes(content)

    assert objects_over_lines(tmp_path / "d.jsonl", "d.jsonl") is None


def test_what_else_is_wrong_is_reported_beside_it(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----"
    content = pretty(A) + b"\n" + json.dumps({"ThingName": "b", "Key": key}).encode()

    verdict = check_bytes(tmp_path / "d.jsonl", content)

    assert verdict.counts == {"object-over-lines": 1, "private-key": 1}


def test_of_a_large_file_the_beginning_tells(tmp_path: Path) -> None:
    many = [{"ThingName": f"device-{number:06}\u00e9"} for number in range(30_000)]
    (tmp_path / "d.jsonl").write_bytes(pretty(*many))

    problem = objects_over_lines(tmp_path / "d.jsonl", "d.jsonl")

    assert problem is not None
    assert problem.line == 1
