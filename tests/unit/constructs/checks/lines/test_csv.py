"""A CSV file becomes lines, and its problems keep their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.constructs.cases import (
    SERIAL,
    THING,
    messages,
    rewritten,
)
from thing_registration import (
    InputFile,
    check,
)

ENCODING = "must be UTF-8, or the encoding that you specify"
NO_CSV = "is not valid CSV"


def test_csv_rows_become_lines(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text('ThingName;SerialNumber\r\na;1\r\n\r\n"b";"2"\r\n', encoding="utf-8-sig")

    verdict = check(SERIAL, InputFile.from_csv(path))

    assert rewritten(verdict) == (
        b'{"ThingName": "a", "SerialNumber": "1"}\n{"ThingName": "b", "SerialNumber": "2"}\n',
        ['devices.csv: CSV in utf-8-sig, delimiter ";", becomes JSON Lines'],
    )


def test_csv_columns_are_mapped_kept_or_left_out(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text("Name|SerialNumber|Colour\na|1|red\n", encoding="utf-16")

    verdict = check(SERIAL, InputFile.from_csv(path, columns={"Name": "ThingName", "Colour": None}))

    content, _ = rewritten(verdict)
    assert content == b'{"ThingName": "a", "SerialNumber": "1"}\n'


def test_csv_problems_name_the_line_where_the_row_begins(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text('ThingName,SerialNumber\na,"1\n2"\na b,3\n', encoding="utf-8")

    verdict = check(SERIAL, InputFile.from_csv(path))

    assert messages(verdict) == [
        'devices.csv:2: SerialNumber: invalid attribute value "1\\n2": '
        r"must be 0–800 characters of [a-zA-Z0-9_.,@/:#=\[\]-]",
        'devices.csv:4: ThingName: invalid thing name "a b": '
        "must be 1–128 characters of [a-zA-Z0-9:_-]",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "d.csv:1: has no header: must have a row of parameters"),
        (b"A\nx\n", "d.csv:1: the mapping names the column Name: the header has A"),
        (b"Name\n\xff\n", f"d.csv: cannot be decoded as utf-8-sig: {ENCODING}"),
        (b'Name\n"a"b\n', f"d.csv: {NO_CSV} (',' expected after '\"'): must be CSV as in RFC 4180"),
        (b"Name\n", "d.csv: contains no devices (0 lines): must have one JSON object per line"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_messages(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(content)

    verdict = check(THING, InputFile.from_csv(path, columns={"Name": "ThingName"}))

    assert message in messages(verdict)


def test_an_unknown_encoding_of_csv_is_messages(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"ThingName\na\n")

    assert messages(check(THING, InputFile.from_csv(path, encoding="utf-99"))) == [
        'd.csv: "utf-99" is not a known encoding: must be a codec of Python'
    ]


def test_csv_of_a_specified_encoding_and_delimiter_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"ThingName:Gr\xf6\xdfe\na:1\n")

    verdict = check(
        SERIAL,
        InputFile.from_csv(
            path, columns={"Größe": "SerialNumber"}, delimiter=":", encoding="cp1252"
        ),
    )

    assert rewritten(verdict)[0] == b'{"ThingName": "a", "SerialNumber": "1"}\n'
