"""The command reports what the construct reports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unit.constructs.cases import lines, thing
from thing_registration import __version__
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


def test_after_20_problems_a_note_has_the_number_of_each() -> None:
    many = [{"ThingName": f"a {number}", "SerialNumber": "1"} for number in range(30)]
    Path("many.jsonl").write_bytes(lines(*many))

    shown = run("many.jsonl").stdout.splitlines()

    assert sum(line.startswith("error: many.jsonl:") for line in shown) == 20
    assert shown[20] == (
        "note: 30 errors and 0 warnings, of which the first 20 are shown: thing-name 30"
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


def test_csv_of_another_encoding_is_read_with_an_option() -> None:
    Path("devices.csv").write_bytes("ThingName,SerialNumber,Größe\na,1,2\n".encode("cp1252"))

    refused = run("devices.csv")
    result = run("devices.csv", "--encoding", "cp1252")

    assert "devices.csv:1: is not UTF-8 (byte 0xf6 at position 26)" in refused.output
    assert "things: 1" in result.output


def test_csv_columns_can_be_mapped() -> None:
    Path("devices.csv").write_text("Name,SerialNumber,Colour\na,1,red\n")

    result = run("devices.csv", "--csv-map", "Name=ThingName", "--csv-map", "Colour=")

    assert result.exit_code == 0, result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["check", "template.json", "d.csv", "--csv-map", "Name"],
            2,
            "invalid value for --csv-map: must be COLUMN=PARAMETER, got 'Name' (see root check",
        ),
        (["check", "template.json"], 2, "missing argument 'INPUT' (see root check --help)"),
        (["plam"], 2, "no such command 'plam'. Did you mean 'plan'? (see root --help)"),
        (["plan", "--stak"], 1, "no such option: --stak ("),
        (["plan"], 1, "plan needs TEMPLATE, INPUT and --stack, or --app alone"),
        (["plan", "--json", "--markdown"], 1, "plan writes JSON or Markdown, not both"),
        (
            ["deregister", "--stack", "S", "--endpoint-url", "nowhere"],
            2,
            "invalid value for '--endpoint-url': must be a URL such as http://localhost:4566, got "
            "'nowhere'",
        ),
        (["plan", "--endpoint-url", "http://["], 1, "invalid value for '--endpoint-url'"),
        (["plan", "--endpoint-url", ""], 1, "invalid value for '--endpoint-url'"),
        (["plan", "--endpoint-url", "ftp://host"], 1, "invalid value for '--endpoint-url'"),
    ],
)
def test_a_wrong_use_is_one_line_in_json_too(arguments: list[str], code: int, message: str) -> None:
    as_text = CliRunner().invoke(app, arguments)
    as_json = CliRunner().invoke(app, [*arguments, "--json"])

    if "--json" not in arguments:
        assert (as_text.exit_code, as_text.stdout, as_text.stderr.count("\n")) == (code, "", 1)
        assert as_text.stderr.startswith(f"error: {message}")
    if arguments[0] != "deregister":
        error = json.loads(as_json.stdout)["error"]
        assert (as_json.exit_code, as_json.stderr, error["kind"]) == (code, "", "usage")
        assert error["message"].startswith(message)


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.exit_code, result.stdout) == (0, f"thing-registration {__version__}\n")
    assert __version__ == version("thing-registration")


@pytest.mark.parametrize("arguments", [["--version"], ["check", "template.json", "bad.jsonl"]])
def test_the_module_is_the_command(arguments: list[str]) -> None:
    command = CliRunner().invoke(app, arguments)

    module = subprocess.run(
        [sys.executable, "-m", "thing_registration", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (module.returncode, module.stdout) == (command.exit_code, command.stdout)


def test_a_shell_can_complete_commands_and_options() -> None:
    complete = {"_THING_REGISTRATION_COMPLETE": "complete_bash", "COMP_CWORD": "1"}

    commands = CliRunner().invoke(
        app, prog_name="thing-registration", env={**complete, "COMP_WORDS": "thing-registration p"}
    )
    options = CliRunner().invoke(
        app,
        prog_name="thing-registration",
        env={**complete, "COMP_WORDS": "thing-registration plan --mark", "COMP_CWORD": "2"},
    )

    assert commands.stdout.split() == ["plan"]
    assert options.stdout.split() == ["--markdown"]
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout


def test_without_a_command_the_help_is_shown() -> None:
    result = CliRunner().invoke(app, [])

    assert result.exit_code == 2
    assert "deregister  Delete for good what a stack has made." in result.stdout


@pytest.mark.parametrize("command", [[], ["check"], ["plan"], ["deregister"]])
def test_the_help_fits_into_60_columns_and_is_not_cut(command: list[str]) -> None:
    text = CliRunner().invoke(app, [*command, "--help"], terminal_width=60).stdout

    assert max(map(len, text.splitlines())) <= 60
    assert not re.search(r"…|\.\.\.$|[╭│╰]", text.partition("\n")[2], re.MULTILINE)
