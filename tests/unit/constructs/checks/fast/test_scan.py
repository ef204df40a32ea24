"""What AWS accepts passes, what it rejects does not; both paths find the same."""

from __future__ import annotations

import io
import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.constructs.cases import thing
from tests.unit.constructs.strategies import PIECES, content_of, declarations
from thing_registration import InputFile, ProvisioningTemplate, Verdict
from thing_registration.check import check
from thing_registration.checks.fast import scan
from thing_registration.checks.fast.scan import Scan
from thing_registration.checks.fast.scan_result import ScanResult
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.template.walk import read_template

DECLARATIONS = declarations()
USES = read_template(
    json.dumps(
        {
            "Parameters": {
                "ThingName": {"Type": "String"},
                "G": {"Type": "String", "Default": "g"},
            },
            "Resources": {
                "thing": {
                    "Type": "AWS::IoT::Thing",
                    "Properties": {
                        "ThingName": {"Ref": "ThingName"},
                        "ThingGroups": [{"Ref": "G"}],
                    },
                }
            },
        }
    ),
    "template",
).uses


def verdict_on(template: dict[str, Any], lines: list[Any]) -> Verdict:
    return check(ProvisioningTemplate.from_object(template), InputFile.from_records(lines))


def scanned(content: bytes, uses: ParameterUses, exact: bool) -> ScanResult:
    reading = Scan(uses, "f")
    if exact:
        reading._read_clean = lambda chunk: False  # type: ignore[method-assign]
    return reading.run(io.BytesIO(content))


def facts(result: ScanResult) -> object:
    return (
        result.lines,
        result.devices,
        result.counts,
        result.first,
        result.names,
        result.hashes,
    )


@given(DECLARATIONS)
@settings(max_examples=60, deadline=None)
def test_what_aws_accepts_has_no_problem(
    declaration: tuple[dict[str, Any], list[dict[str, str]]],
) -> None:
    template, lines = declaration

    verdict = verdict_on(template, lines)

    assert verdict.problems == (), str(verdict)
    assert verdict.lines == len(lines)


@given(DECLARATIONS, st.data())
@settings(max_examples=60, deadline=None)
def test_a_character_that_aws_rejects_is_found(
    declaration: tuple[dict[str, Any], list[dict[str, str]]], data: st.DataObject
) -> None:
    template, lines = declaration
    line = data.draw(st.sampled_from(lines))
    key = data.draw(st.sampled_from(sorted(line)))
    line[key] += data.draw(st.sampled_from(" !\"$%&'()*+;<>?\\^`{|}~\n\t\0é\u2028😀"))

    verdict = verdict_on(template, lines)

    assert verdict.error_count == 1, str(verdict)
    assert verdict.problems[0].line == lines.index(line) + 1


@given(DECLARATIONS, st.data())
@settings(max_examples=60, deadline=None)
def test_a_missing_value_is_found(
    declaration: tuple[dict[str, Any], list[dict[str, str]]], data: st.DataObject
) -> None:
    template, lines = declaration
    line = data.draw(st.sampled_from(lines))
    needed = [name for name, one in template["Parameters"].items() if "Default" not in one]
    del line[data.draw(st.sampled_from(needed))]

    assert verdict_on(template, lines).counts == {"parameter-missing": 1}


@given(DECLARATIONS, st.data())
@settings(max_examples=60, deadline=None)
def test_a_line_that_appears_twice_is_found(
    declaration: tuple[dict[str, Any], list[dict[str, str]]], data: st.DataObject
) -> None:
    template, lines = declaration
    again = data.draw(st.sampled_from(lines))

    assert verdict_on(template, [*lines, again]).counts == {"thing-name-twice": 1}


@given(DECLARATIONS, st.data())
@settings(max_examples=60, deadline=None)
def test_the_fast_path_finds_what_the_exact_path_finds(
    declaration: tuple[dict[str, Any], list[dict[str, str]]], data: st.DataObject
) -> None:
    template, lines = declaration
    content = bytearray(content_of(lines))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 2))] = data.draw(PIECES)
    uses = read_template(json.dumps(template), "template").uses
    assert uses is not None

    fast, exact = scanned(bytes(content), uses, False), scanned(bytes(content), uses, True)

    assert facts(fast) == facts(exact)


def test_an_object_over_two_lines_is_not_made_up_for_by_two_in_one_line() -> None:
    assert USES is not None

    result = scanned(b'{"ThingName":\n"a"} {"ThingName":"b"}\n', USES, False)

    assert result.counts == {"line-json": 2}


def test_names_are_compared_over_the_edges_of_chunks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "_CHUNK_BYTES", 16)

    verdict = verdict_on(thing(), [{"ThingName": name} for name in "aba"])

    assert verdict.counts == {"thing-name-twice": 1}


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "é", "", "a b"])
def test_a_parameter_may_have_any_name(name: str) -> None:
    template = thing(AttributePayload={"a": {"Ref": name}})
    template["Parameters"] = {"ThingName": {"Type": "String"}, name: {"Type": "String"}}

    verdict = verdict_on(template, [{"ThingName": "a", name: "1"}, {"ThingName": "b", name: "ä"}])

    assert list(verdict.counts) == ["attribute-value"]


@given(st.lists(PIECES, max_size=12).map(b"".join))
@settings(max_examples=200, deadline=None)
def test_the_fast_path_agrees_on_what_is_hardly_json(content: bytes) -> None:
    assert USES is not None

    assert facts(scanned(content, USES, False)) == facts(scanned(content, USES, True))


@given(st.text(string.printable, max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_message_is_one_line(text: str) -> None:
    verdict = check(
        ProvisioningTemplate.from_string(text),
        InputFile.from_records([{text: text}, [text]]),  # type: ignore[list-item]
    )

    assert len(str(verdict).splitlines()) == len(verdict.problems)
