"""Whatever ends a command is one line and an exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from thing_registration import command_group
from thing_registration.command_group import CommandGroup
from thing_registration.deployed.errors import CommandError

COMMAND = [sys.executable, "-m", "thing_registration"]


def run(command: Any, *arguments: str, answer: str = "") -> Result:
    """Run a command of a group of its own."""
    app = typer.Typer(cls=CommandGroup, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    app.command("run")(command)
    return CliRunner().invoke(app, ["run", *arguments], input=answer)


def raising(error: BaseException) -> Any:
    def command(as_json: bool = typer.Option(False, "--json")) -> None:
        raise error

    return command


def test_an_error_is_a_line_on_standard_error() -> None:
    result = run(raising(CommandError("it is broken: mend it")))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: it is broken: mend it\n"


def test_with_json_an_error_is_json_on_standard_output() -> None:
    result = run(raising(CommandError("it is broken")), "--json")

    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout) == {"error": {"kind": "command", "message": "it is broken"}}


def test_an_interrupt_ends_with_130_and_one_line() -> None:
    as_text, as_json = (run(raising(KeyboardInterrupt()), *options) for options in ([], ["--json"]))

    assert (as_text.exit_code, as_text.stdout) == (130, "")
    assert as_text.stderr == "error: interrupted: run the command again\n"
    assert as_json.exit_code == 130
    assert json.loads(as_json.stdout)["error"]["kind"] == "interrupted"


def test_an_interrupt_of_a_question_is_one_too() -> None:
    def command() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            # As click does it.
            raise typer.Abort from None

    result = run(command)

    assert result.exit_code == 130
    assert result.stderr == "error: interrupted: run the command again\n"


def test_an_interrupt_while_an_error_is_reported_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command_group, "_report", raising(KeyboardInterrupt()))

    result = run(raising(CommandError("a")))

    assert result.exit_code == 130
    assert result.stderr == "error: interrupted: run the command again\n"


def test_a_question_without_an_answer_says_how_not_to_be_asked() -> None:
    result = run(lambda: typer.confirm("Delete them?"))

    assert (result.exit_code, result.stdout) == (1, "Delete them? [y/N]: \n")
    assert result.stderr == "error: the question has no answer: pass --yes\n"


def test_a_defect_is_not_hidden() -> None:
    result = run(raising(ZeroDivisionError("a defect")))

    assert isinstance(result.exception, ZeroDivisionError)


def test_a_wrong_use_is_one_line_that_names_the_help() -> None:
    result = run(lambda: None, "--wrong")

    assert result.exit_code == 2
    assert result.stderr == "error: no such option: --wrong (see root run --help)\n"


def write_to(stdout: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a standard output that is buffered, as it usually is."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


WRITING = pytest.mark.parametrize(
    "arguments", [["check", "none", "none"], ["plan", "--json"], ["--help"]]
)


@WRITING
def test_nobody_reads_on_is_silent(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    done = write_to(writer, *arguments)
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, "")


@WRITING
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = write_to(full.fileno(), *arguments)

    assert (done.returncode, done.stderr) == (1, "error: no space left on device\n")


def test_a_code_page_without_a_character_gets_its_number(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"Resources": {}}')
    (tmp_path / "d.jsonl").write_text("{}\n")
    template = {"Resources": {"thing": {"Type": "AWS::IoT::Thing", "Properties": {}}}}
    template["Resources"]["thing"]["Properties"] = {"ThingName": "a b"}
    (tmp_path / "t.json").write_text(json.dumps(template))

    done = subprocess.run(
        [*COMMAND, "check", "t.json", "d.jsonl"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )

    assert b"must be 1\\u2013128 characters" in done.stdout
    assert done.stderr == b""


def on_terminal(folder: Path, **environment: str) -> str:
    """Return what `check` of a file with a long error writes on a terminal of 60 columns."""
    template = {
        "Parameters": {"ThingName": {"Type": "String"}},
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {"ThingName": {"Ref": "ThingName"}},
            }
        },
    }
    (folder / "t.json").write_text(json.dumps(template))
    (folder / "d.jsonl").write_text(json.dumps({"ThingName": "a b" * 40}) + "\n")
    leader, follower = pty.openpty()
    subprocess.run(
        [*COMMAND, "check", "t.json", "d.jsonl"],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "60", **environment},
        stdout=follower,
        stderr=follower,
        check=False,
    )
    os.close(follower)
    written = b""
    try:
        while read := os.read(leader, 4096):
            written += read
    except OSError:
        # Linux says so at the end.
        pass
    os.close(leader)
    return written.decode().replace("\r\n", "\n")


def test_a_narrow_terminal_gets_the_line_that_a_pipe_gets_in_colour(tmp_path: Path) -> None:
    coloured = on_terminal(tmp_path, NO_COLOR="")
    plain = on_terminal(tmp_path, NO_COLOR="1")
    piped = subprocess.run(
        [*COMMAND, "check", "t.json", "d.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE, check=False
    ).stdout.decode()

    assert plain == piped
    assert coloured == piped.replace("error: d.jsonl", "\x1b[31merror\x1b[0m: d.jsonl")
    assert max(map(len, plain.splitlines())) > 100
