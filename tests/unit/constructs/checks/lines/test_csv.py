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

ENCODING = "must be UTF-8, or the encoding that you specify, such as cp1252"
UNCLOSED = "a quote opens on this row that is never closed; a quote within a quoted field must be"
TRAILING = "has more delimiters than the header, and 1 more rows do: remove those at the end of the"
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
        (b"Name\na\n\xff\n", f"d.csv:3: is not UTF-8 (byte 0xff at position 1): {ENCODING}"),
        (b'Name\n"a"b\n', f"d.csv:2: {NO_CSV} (',' expected after '\"'): must be"),
        (b'Name\na\n"b\n\nc\n', f"d.csv:3: {UNCLOSED}"),
        (b"Name\n", "d.csv: contains no devices (only a header): must have one row per device"),
        (b"Name\n\n", "d.csv: contains no devices (only a header): must have one row per device"),
        (b"Name,\na,\n", "d.csv:1: column 2 has no name: remove the delimiter at the end"),
        (b",Name\nx,a\n", "d.csv:1: column 1 has no name: give it the name of a parameter"),
        (b"Name\na,\nb\nc,\n", f"d.csv:2: {TRAILING}"),
        (b"sep=;\nName\na b\n", 'd.csv:3: ThingName: invalid thing name "a b": must be 1'),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_messages(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(content)

    verdict = check(THING, InputFile.from_csv(path, columns={"Name": "ThingName"}))

    (found,) = messages(verdict)
    assert found.startswith(message)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_the_line_in_which_excel_names_the_delimiter_is_left_out(
    tmp_path: Path, first: str
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"{first}\r\nThingName;SerialNumber\r\na;1\r\n", newline="", encoding="utf-8")

    verdict = check(SERIAL, InputFile.from_csv(path))

    assert rewritten(verdict) == (
        b'{"ThingName": "a", "SerialNumber": "1"}\n',
        [
            "d.csv: the line sep=; is left out",
            'd.csv: CSV in utf-8-sig, delimiter ";", becomes JSON Lines',
        ],
    )


def test_another_encoding_is_said_once_without_a_place(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes("ThingName\né\n".encode("cp1252"))

    assert messages(check(THING, InputFile.from_csv(path, encoding="ascii"))) == [
        f"d.csv: cannot be decoded as ascii: {ENCODING}"
    ]


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
