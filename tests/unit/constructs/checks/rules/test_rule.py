"""Each rule is broken once, and its message is the one in docs/checks.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.constructs.cases import CASES
from thing_registration.check import check
from thing_registration.checks.rules import RULES


@pytest.mark.parametrize("rule", CASES)
def test_the_message_of_a_broken_rule_is_its_example(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[rule]()
    monkeypatch.chdir(tmp_path)
    if case.content is not None:
        Path(case.name).write_bytes(case.content)

    verdict = check(case.declaration(), case.devices(), longest_wait=timedelta(hours=1))

    found = {
        str(problem).replace(str(tmp_path), "/home/me/app"): problem
        for problem in verdict.problems
        if problem.rule == rule
    }
    assert RULES[rule].example in found, str(verdict)
    problem = found[RULES[rule].example]
    assert problem.severity == RULES[rule].severity
    assert problem.got in str(problem)
    assert problem.allowed in problem.message


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
