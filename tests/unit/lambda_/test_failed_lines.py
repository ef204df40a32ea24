"""Reading ERRORS: AWS documents no schema for it."""

import pytest

from failed_lines import failed_line, name_things, thing_name_parameter


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"lineNumber": 3, "errorMessage": "no"}', "line 3: no"),
        (b'{"LineNumber": "3", "Error": {"Message": "no", "Code": "X"}}', "line 3: no"),
        (b'{"response": {"thingName": "a"}, "error": "no"}', "thing a: no"),
        (b'{"errors": [{"message": "no"}]}', "no"),
        (b"3,some text", "3,some text"),
        (b'["odd"]', '["odd"]'),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ('{"message": "größer als 日本"}'.encode(), "größer als 日本"),
    ],
)
def test_what_can_be_recognised_is_named_and_the_rest_is_shown_as_it_is(
    raw: bytes, shown: str
) -> None:
    assert str(failed_line(raw)) == shown


def test_a_long_message_is_cut() -> None:
    assert len(str(failed_line(b'{"message": "' + b"x" * 100_000 + b'"}'))) == 300


def test_thing_names_come_from_the_input_file_where_the_report_has_none() -> None:
    failed = [failed_line(b'{"line": 2, "message": "no"}'), failed_line(b'{"message": "why"}')]
    lines = iter([b'{"Name": "a"}', b'{"Name": "b"}', b"never read"])

    named = name_things(failed, lines, "Name", 1)

    assert [str(line) for line in named] == ["line 2, thing b: no", "why"]
    assert next(lines) == b"never read"


def test_a_report_that_counts_from_0_names_the_same_devices_counted_from_1() -> None:
    failed = [failed_line(b'{"lineNumber": 0, "message": "no"}')]

    named = name_things(failed, [b'{"Name": "a"}', b'{"Name": "b"}'], "Name", 0)

    assert [str(line) for line in named] == ["line 1, thing a: no"]


@pytest.mark.parametrize("raw", [b"not JSON", b'"a"', b"{}"])
def test_a_line_of_the_input_that_names_no_thing_is_told_by_its_number(raw: bytes) -> None:
    named = name_things([failed_line(b'{"line": 1, "message": "no"}')], [raw], "Name", 1)

    assert [str(line) for line in named] == ["line 1: no"]


def test_the_parameter_that_names_the_thing_is_found_in_the_template() -> None:
    ref = '{"Resources":{"t":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"N"}}}}}'

    assert thing_name_parameter(ref) == "N"
    assert thing_name_parameter('{"Resources":{"c":{"Type":"AWS::IoT::Certificate"}}}') == ""


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b'{"message": "m", "errorMessage": "e"}', "e"),
        (b'{"error": "e", "message": "m"}', "m"),
        (b'{"reason": "r", "error": "e"}', "e"),
        (b'{"errorCode": "c", "reason": "r"}', "r"),
        (b'{"errorCode": "c"}', "c"),
        (b'{"errorMessage": "", "message": "m"}', "m"),
        (b'{"errorMessage": null, "message": "m"}', "m"),
        (b'{"line": 4, "lineNumber": 3, "message": "m"}', "line 3: m"),
        (b'{"line": "x", "message": "m"}', "m"),
        (b'{"thing": "b", "thingName": "a", "message": "m"}', "thing a: m"),
        (b'{"thing": "b", "message": "m"}', "thing b: m"),
        (b'{"message": "outer", "error": {"message": "inner"}}', "outer"),
        (b'{"line": 3, "thingName": "a", "message": "m"}', "line 3, thing a: m"),
        (b'{"line": 3}', 'line 3: {"line": 3}'),
    ],
)
def test_the_most_telling_member_is_shown(raw: bytes, shown: str) -> None:
    assert str(failed_line(raw)) == shown


def test_a_name_in_the_report_comes_before_that_of_the_input() -> None:
    failed = [failed_line(b'{"line": 1, "thingName": "report", "message": "m"}')]

    (named,) = name_things(failed, [b'{"Name": "input"}'], "Name", 1)

    assert named.thing_name == "report"


def test_the_input_is_not_read_where_no_line_has_a_number() -> None:
    lines = iter([b"never read"])

    assert name_things([failed_line(b'{"message": "m"}')], lines, "Name", 1) == [
        failed_line(b'{"message": "m"}')
    ]
    assert next(lines) == b"never read"


@pytest.mark.parametrize(
    ("resource", "parameter"),
    [
        ('{"Type":"AWS::IoT::Thing","Properties":{"ThingName":"plain"}}', ""),
        ('{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Fn::Join":[]}}}', ""),
        ('{"Type":"AWS::IoT::Policy","Properties":{"ThingName":{"Ref":"N"}}}', ""),
        ('{"Type":"AWS::IoT::Thing"}', ""),
    ],
)
def test_only_a_plain_ref_of_a_thing_names_a_parameter(resource: str, parameter: str) -> None:
    assert thing_name_parameter(f'{{"Resources":{{"r":{resource}}}}}') == parameter
