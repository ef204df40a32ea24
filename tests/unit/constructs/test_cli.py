"""The command reports what the construct reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unit.constructs.cases import lines, thing
from thing_registration.cli import app


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    template = thing(ThingGroups=["g"], AttributePayload={"serial": {"Ref": "SerialNumber"}})
    Path("template.json").write_text(json.dumps(template))
    Path("good.jsonl").write_bytes(lines({"ThingName": "a", "SerialNumber": "1"}))
    Path("odd.jsonl").write_bytes(lines({"ThingName": "a", "SerialNumber": 1}))
    Path("bad.jsonl").write_bytes(lines({"ThingName": "a b", "SerialNumber": "1"}))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", "template.json", *arguments])


def test_a_clean_file_ends_with_0_and_a_summary() -> None:
    result = run("good.jsonl")

    assert result.exit_code == 0
    assert result.stdout == (
        "things: 1\n"
        "certificates: 0\n"
        "thing types: 0\n"
        "thing groups: 1 (g)\n"
        "billing groups: 0\n"
        "existing policies: 0\n"
        "estimated duration: 0:00:01 at 10 things a second, an assumption\n"
        "errors: 0, warnings: 0\n"
    )


def test_an_error_ends_with_1_and_a_line() -> None:
    result = run("bad.jsonl")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == (
        'error: bad.jsonl:1: ThingName: invalid thing name "a b": '
        "must be 1–128 characters of [a-zA-Z0-9:_-]"
    )


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_a_warning_ends_with_0_unless_strict(options: tuple[str, ...], code: int) -> None:
    assert run("odd.jsonl", *options).exit_code == code


def test_a_file_that_cannot_be_read_ends_with_2() -> None:
    result = run("none.jsonl")

    assert result.exit_code == 2
    assert "none.jsonl: cannot be read" in result.stdout


def test_json_holds_every_fact() -> None:
    result = run("bad.jsonl", "--json")

    facts = json.loads(result.stdout)
    assert result.exit_code == 1
    assert facts["counts"] == {"thing-name": 1}
    (problem,) = facts["problems"]
    assert problem == {
        "rule": "thing-name",
        "severity": "error",
        "source": "bad.jsonl",
        "line": 1,
        "column": None,
        "field": "ThingName",
        "message": 'invalid thing name "a b": must be 1–128 characters of [a-zA-Z0-9:_-]',
        "got": '"a b"',
        "allowed": "1–128 characters of [a-zA-Z0-9:_-]",
        "text": f"bad.jsonl:1: ThingName: {problem['message']}",
    }
    assert facts["prerequisites"]["thing_groups"] == ["g"]
    assert (facts["errors"], facts["warnings"], facts["lines"]) == (1, 0, 1)
    assert facts["estimated_duration_seconds"] == 1


def test_csv_columns_can_be_mapped() -> None:
    Path("devices.csv").write_text("Name,SerialNumber,Colour\na,1,red\n")

    result = run("devices.csv", "--csv-map", "Name=ThingName", "--csv-map", "Colour=")

    assert result.exit_code == 0, result.stdout


def test_a_csv_map_without_equals_is_a_wrong_use() -> None:
    result = run("devices.csv", "--csv-map", "Name")

    assert result.exit_code == 2
    assert "COLUMN=PARAMETER" in result.output
