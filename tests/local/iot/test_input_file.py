"""The input file is cut into lines, whatever the chunks it comes in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.iot.input_file import LineSplitter
from local.iot.input_line import Line
from local.iot.limits import MAX_LINE_BYTES


def split(chunks: list[bytes], blank_lines: str = "skipped") -> list[Line]:
    splitter = LineSplitter(blank_lines)
    found = [line for chunk in chunks for line in splitter.feed(chunk)]
    return found + list(splitter.finish())


@given(st.lists(st.binary(max_size=12).map(lambda part: part.replace(b"x", b"\n"))))
def test_chunks_do_not_matter(chunks: list[bytes]) -> None:
    assert split(chunks) == split([b"".join(chunks)])


def test_lines_have_their_number_and_their_first_byte() -> None:
    lines = split([b"one\r\n\n  \nfour\nfive"])

    assert lines == [Line(1, 0, b"one"), Line(4, 9, b"four"), Line(5, 14, b"five")]


def test_of_a_line_that_is_too_long_only_the_start_is_kept() -> None:
    long, short = split([b"x" * 1_000_000] * 3 + [b"\nnext\n"])

    assert MAX_LINE_BYTES < len(long.content) < MAX_LINE_BYTES + 10
    assert short == Line(2, 3_000_001, b"next")


def test_blank_lines_may_have_no_number_or_be_lines() -> None:
    chunks = [b"one\n\n  \nfour\n"]

    unnumbered, lines = split(chunks, "unnumbered"), split(chunks, "fail")

    assert unnumbered == [Line(1, 0, b"one"), Line(2, 8, b"four")]
    assert [(line.number, line.content) for line in lines] == [
        (1, b"one"),
        (2, b""),
        (3, b"  "),
        (4, b"four"),
    ]
