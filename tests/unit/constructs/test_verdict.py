"""A verdict has every fact, and its text is the first problems."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.unit.constructs.cases import (
    THING,
    check_bytes,
)
from thing_registration import (
    InputFile,
    InvalidDeclaration,
    check,
)


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


def test_a_verdict_is_raised_with_its_facts() -> None:
    verdict = check(THING, InputFile.from_records([{"ThingName": 1}, {"ThingName": []}]))

    error = InvalidDeclaration(verdict)

    assert str(error) == f"1 error and 1 warning in template and input file\n{verdict}"
    assert (error.problems, error.counts) == (verdict.problems, verdict.counts)


def test_errors_and_warnings_are_labelled_where_nobody_catches_them(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "from thing_registration import InputFile, InvalidDeclaration, ProvisioningTemplate, Ref\n"
        "from thing_registration import Thing, check\n"
        "template = ProvisioningTemplate.from_parts(Thing(Ref('Name')))\n"
        "devices = InputFile.from_records([{'Name': 'a b'}, {'Name': 'c', 'X': '1'}])\n"
        "raise InvalidDeclaration(check(template, devices))\n"
    )

    done = subprocess.run([sys.executable, app], capture_output=True, text=True, check=False)

    heading, *lines = done.stderr.partition("InvalidDeclaration: ")[2].splitlines()
    assert heading == "1 error and 1 warning in template and input file"
    assert [line.partition(": ")[::2] for line in lines] == [
        (
            "error",
            'records:1: Name: invalid thing name "a b": must be 1–128 characters of [a-zA-Z0-9:_-]',
        ),
        ("warning", lines[1].partition(": ")[2]),
    ]
    assert "X" in lines[1]


def test_a_message_is_one_line_whatever_it_shows(tmp_path: Path) -> None:
    line = json.dumps({"ThingName": "a\nb\u2028", "x\ny": "\n" * 500}).encode()

    verdict = check_bytes(tmp_path / "devices.jsonl", line)

    assert verdict.error_count == 1
    assert len(str(verdict).splitlines()) == 2
