"""Each rule is broken once, and says so in the very words of docs/checks.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from thing_registration.checks.check import check
from thing_registration.checks.rules import RULES

from .cases import CASES


@pytest.mark.parametrize("rule", CASES)
def test_a_broken_rule_is_said_as_documented(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[rule]()
    monkeypatch.chdir(tmp_path)
    if case.content is not None:
        Path(case.name).write_bytes(case.content)

    verdict = check(case.declaration(), case.devices(), longest_wait=timedelta(hours=1))

    said = {str(problem): problem for problem in verdict.problems if problem.rule == rule}
    assert RULES[rule].example in said, str(verdict)
    assert said[RULES[rule].example].severity == RULES[rule].severity


@pytest.mark.parametrize("rule", CASES)
def test_a_case_breaks_no_error_but_its_own(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[rule]()
    monkeypatch.chdir(tmp_path)
    if case.content is not None:
        Path(case.name).write_bytes(case.content)

    verdict = check(case.declaration(), case.devices(), longest_wait=timedelta(hours=1))

    assert {problem.rule for problem in verdict.errors} <= {rule}


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == RULES.keys()
