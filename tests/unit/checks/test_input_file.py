"""An input file of any form is checked where it stands, and made canonical."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from thing_registration import InputFile, InvalidDeclaration, PrerequisiteNames, Verdict
from thing_registration.checks.check import check
from thing_registration.provisioning_template import ProvisioningTemplate

from .cases import thing, with_policy

THING = ProvisioningTemplate.from_object(thing())
SERIAL = ProvisioningTemplate.from_object(
    thing(AttributePayload={"serial": {"Ref": "SerialNumber"}})
)
ENCODING = "allowed UTF-8, or the encoding that you state"
NO_ARRAY, ARRAY = "is not a JSON array", "allowed a JSON array of objects"


def check_bytes(path: Path, content: bytes, template: ProvisioningTemplate = THING) -> Verdict:
    path.write_bytes(content)
    return check(template, InputFile.from_file(path))


def said(verdict: Verdict) -> list[str]:
    """Give the messages without the folder."""
    return [
        str(problem).replace(f"{Path(problem.source).parent}/", "", 1)
        for problem in verdict.problems
    ]


def rewritten(verdict: Verdict) -> tuple[bytes, list[str]]:
    assert verdict.canonical is not None, str(verdict)
    return verdict.canonical.read_bytes(), [note.split("/")[-1] for note in verdict.rewrites]


def test_a_canonical_file_is_uploaded_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "devices.jsonl"

    verdict = check_bytes(path, b'{"ThingName": "a"}\n{"ThingName":"b"}')

    assert (verdict.canonical, verdict.rewrites, verdict.lines) == (path, (), 2)


def test_what_a_canonical_file_has_not_is_left_out_and_this_is_said(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"ThingName": "a"}\r\n\r\n \t\n{"ThingName": "b"}\n\n'

    verdict = check_bytes(tmp_path / "devices.jsonl", content)

    assert rewritten(verdict) == (
        b'{"ThingName": "a"}\n{"ThingName": "b"}\n',
        [
            "devices.jsonl: the byte order mark is left out",
            "devices.jsonl: line ends CR LF are turned into LF",
            "devices.jsonl: 3 blank lines are left out",
        ],
    )


def test_utf_16_with_its_mark_is_turned_into_utf_8(tmp_path: Path) -> None:
    content = '{"ThingName": "a"}\r\n'.encode("utf-16")

    verdict = check_bytes(tmp_path / "devices.jsonl", content)

    content, notes = rewritten(verdict)
    assert content == b'{"ThingName": "a"}\n'
    assert notes[0] == "devices.jsonl: UTF-16 is turned into UTF-8"


def test_broken_utf_16_is_said(tmp_path: Path) -> None:
    verdict = check_bytes(tmp_path / "devices.jsonl", b"\xff\xfe{\x00\x00")

    assert said(verdict) == [
        "devices.jsonl: is not UTF-8, got broken UTF-16 at byte 5, allowed UTF-8"
    ]


def test_an_array_becomes_lines_and_keeps_its_places(tmp_path: Path) -> None:
    path = tmp_path / "devices.json"
    good = check_bytes(path, b'[\n  {"ThingName":\n "a"},\n  {"ThingName": "\\u0062"}\n]\n')
    content, notes = rewritten(good)

    bad = check_bytes(path, b'[\n  {"ThingName":\n "a"},\n  {"ThingName": "a", "ThingName": "b"}]')

    assert content == b'{"ThingName": "a"}\n{"ThingName": "b"}\n'
    assert notes == ["devices.json: the JSON array is turned into one line for each of its objects"]
    assert said(bad) == [
        'devices.json:4: ThingName: stands twice in the line, got "a" and "b", '
        "allowed each parameter once",
        'devices.json:4: ThingName: names a thing twice, got "a" as in line 2, '
        "allowed each thing once",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "devices.json: names no device, got 0 lines, allowed one JSON object a line"),
        (b"[", f"devices.json:1:2: {NO_ARRAY}, got expecting value, {ARRAY}"),
        (b"[{} {}]", f"devices.json:1:5: {NO_ARRAY}, got expecting ',' delimiter, {ARRAY}"),
        (b"[{}]x", f"devices.json:1:5: {NO_ARRAY}, got extra data, {ARRAY}"),
        (b'[{"a": "\xff"}]', "devices.json: is not UTF-8, got byte 0xff at 9, allowed UTF-8"),
        (b"[" * 100_000, f"devices.json: {NO_ARRAY}, got too many levels, {ARRAY}"),
    ],
)  # fmt: skip
def test_a_broken_array_is_said_with_its_place(
    tmp_path: Path, content: bytes, message: str
) -> None:
    assert message in said(check_bytes(tmp_path / "devices.json", content))


def test_csv_rows_become_lines(tmp_path: Path) -> None:
    path = tmp_path / "devices.csv"
    path.write_text('ThingName;SerialNumber\r\na;1\r\n\r\n"b";"2"\r\n', encoding="utf-8-sig")

    verdict = check(SERIAL, InputFile.from_csv(path))

    assert rewritten(verdict) == (
        b'{"ThingName": "a", "SerialNumber": "1"}\n{"ThingName": "b", "SerialNumber": "2"}\n',
        ['devices.csv: CSV in utf-8-sig, delimiter ";", is turned into JSON Lines'],
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

    assert said(verdict) == [
        'devices.csv:2: SerialNumber: is no attribute value, got "1\\n2", '
        r"allowed 0 to 800 of [a-zA-Z0-9_.,@/:#=\[\]-]",
        'devices.csv:4: ThingName: is no thing name, got "a b", allowed 1 to 128 of [a-zA-Z0-9:_-]',
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "d.csv:1: has no header, got nothing, allowed a row that names the parameters"),
        (b"A\nx\n", "d.csv:1: has no column of the mapping, got Name, allowed A"),
        (b"Name\n\xff\n", f"d.csv: is not utf-8-sig, got other bytes, {ENCODING}"),
        (b'Name\n"a"b\n', "d.csv: is not CSV, got ',' expected after '\"', allowed RFC 4180"),
        (b"Name\n", "d.csv: names no device, got 0 lines, allowed one JSON object a line"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(content)

    assert message in said(check(THING, InputFile.from_csv(path, columns={"Name": "ThingName"})))


def test_an_unknown_encoding_of_csv_is_said(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"ThingName\na\n")

    assert said(check(THING, InputFile.from_csv(path, encoding="utf-99"))) == [
        'd.csv: has no such encoding, got "utf-99", allowed a codec of Python'
    ]


def test_csv_of_a_stated_encoding_and_delimiter_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(b"ThingName:Gr\xf6\xdfe\na:1\n")

    verdict = check(
        SERIAL,
        InputFile.from_csv(
            path, columns={"Größe": "SerialNumber"}, delimiter=":", encoding="cp1252"
        ),
    )

    assert rewritten(verdict)[0] == b'{"ThingName": "a", "SerialNumber": "1"}\n'


def test_records_are_read_once_and_become_lines() -> None:
    input_file = InputFile.from_records({"ThingName": name} for name in "ab")

    first, second = check(THING, input_file), check(THING, input_file)

    assert rewritten(first) == (b'{"ThingName": "a"}\n{"ThingName": "b"}\n', [])
    assert first == second


@pytest.mark.parametrize("value", [{1}, object, timedelta(1), [], float("nan")])
def test_a_record_with_what_is_no_string_is_an_error(value: object) -> None:
    verdict = check(THING, InputFile.from_records([{"ThingName": value}]))

    assert verdict.error_count == 1
    assert verdict.problems[0].line == 1


def test_a_file_in_a_bucket_is_not_read() -> None:
    bucket = s3.Bucket.from_bucket_name(Stack(App(), "Stack"), "Bucket", "devices")
    template = ProvisioningTemplate.from_object(
        thing(ThingTypeName="t", ThingGroups=[{"Ref": "Group"}])
        | {
            "Parameters": {
                "ThingName": {"Type": "String"},
                "Group": {"Type": "String", "Default": "g"},
            }
        }
    )

    verdict = check(template, InputFile.from_bucket(bucket, "devices.jsonl"))

    assert (verdict.lines, verdict.estimated_duration, verdict.canonical) == (None, None, None)
    assert verdict.names == PrerequisiteNames(("t",), ("g",))


def test_names_are_all_that_the_lines_come_to(tmp_path: Path) -> None:
    template = ProvisioningTemplate.from_object(
        with_policy(PolicyName={"Ref": "P"})
        | {
            "Parameters": {
                "ThingName": {"Type": "String"},
                "P": {"Type": "String", "Default": "standard"},
            }
        }
    )
    lines = [{"ThingName": "a", "P": "x"}, {"ThingName": "b"}, {"ThingName": "c", "P": "w"}]

    verdict = check(template, InputFile.from_records(lines))
    without_default = check(template, InputFile.from_records(lines[:1]))

    assert verdict.names.policies == ("standard", "w", "x")
    assert without_default.names.policies == ("x",)


def test_the_first_20_problems_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    lines = [{"ThingName": f"a {i}", "X": "1"} for i in range(30)]

    verdict = check(THING, InputFile.from_records(lines))

    assert [problem.line for problem in verdict.problems] == list(range(1, 21))
    assert verdict.counts == {"key-unknown": 30, "thing-name": 30}
    assert (verdict.error_count, verdict.warning_count) == (30, 30)
    assert str(verdict).splitlines()[-1] == (
        "30 errors and 30 warnings, of which the first 20 are shown: key-unknown 30, thing-name 30"
    )


def test_errors_come_before_warnings() -> None:
    lines: list[dict[str, object]] = [{"ThingName": f"t{i}", "X": "1"} for i in range(30)]

    verdict = check(THING, InputFile.from_records([*lines, {"ThingName": "a b"}]))

    assert [problem.severity for problem in verdict.problems] == ["error"] + ["warning"] * 19
    assert (len(verdict.errors), len(verdict.warnings)) == (1, 19)


def test_strict_makes_every_warning_an_error() -> None:
    input_file = InputFile.from_records([{"ThingName": "a", "X": "1"}])

    assert check(THING, input_file).canonical is not None
    verdict = check(THING, input_file, strict=True)

    assert (verdict.error_count, verdict.warning_count, verdict.canonical) == (1, 0, None)
    assert verdict.errors == verdict.problems


def test_a_template_that_names_one_thing_for_all_is_said_once() -> None:
    template = ProvisioningTemplate.from_object(
        thing(ThingName="a", AttributePayload={"serial": {"Ref": "S"}})
    )

    verdict = check(template, InputFile.from_records([{"S": "1"}, {"S": "2"}]))

    assert said(verdict) == [
        'records: ThingName: names a thing twice, got "a" for 2 lines, allowed each thing once'
    ]


def test_the_duration_is_that_of_the_stated_rate() -> None:
    input_file = InputFile.from_records([{"ThingName": f"t{i}"} for i in range(7)])

    assert check(THING, input_file).estimated_duration == timedelta(seconds=1)
    assert check(THING, input_file, things_per_second=2).estimated_duration == timedelta(seconds=4)


def test_a_verdict_is_raised_with_its_facts() -> None:
    verdict = check(THING, InputFile.from_records([{"ThingName": 1}, {"ThingName": []}]))

    error = InvalidDeclaration(verdict)

    assert str(error) == str(verdict)
    assert (error.problems, error.counts) == (verdict.problems, verdict.counts)


def test_a_message_is_one_line_whatever_it_shows(tmp_path: Path) -> None:
    line = json.dumps({"ThingName": "a\nb\u2028", "x\ny": "\n" * 500}).encode()

    verdict = check_bytes(tmp_path / "devices.jsonl", line)

    assert verdict.error_count == 1
    assert len(str(verdict).splitlines()) == 2
