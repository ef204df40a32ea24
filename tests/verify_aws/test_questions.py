"""Each question on the local AWS: its answer is what is assumed, and a fault changes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local import LocalAws
from tests.verify_aws.left import left_behind
from tools.verify_aws.__main__ import main
from tools.verify_aws.asking import ask_all
from tools.verify_aws.clients import Clients
from tools.verify_aws.question import Answer, QuestionGroup
from tools.verify_aws.questions import (
    QUESTIONS,
    deployment,
    existing_things,
    functions,
    known_certificates,
    line_values,
    link_life,
    new_certificates,
    report_links,
    roles,
    running_task,
    starts,
)
from tools.verify_aws.waiting import Patience
from tools.verify_aws.workspace import Workspace

pytestmark = pytest.mark.slow

Case = tuple[list[QuestionGroup], dict[str, Any], set[str]]
LINKS = [running_task.GROUP, report_links.GROUP, link_life.GROUP]
# Groups that are asked under faults, and the questions whose answers the faults change.
CASES: dict[str, Case] = {
    "a slow start": (
        [starts.GROUP],
        {"role": {"seconds": 6}, "things_per_second": 1},
        {"new-role", "overhead"},
    ),
    "a slot that is freed late": (
        [starts.GROUP, running_task.GROUP, existing_things.GROUP],
        {"slot_freed_late_seconds": 5},
        {"slot-freed"},
    ),
    "a running task": (
        [running_task.GROUP],
        {
            "busy_code": "InvalidRequestException",
            "list_lag_seconds": 3,
            "things_per_second": 15,
            "assumptions": {"live_counts": False},
        },
        {"second-start", "list-lag", "live-counts", "rate"},
    ),
    "links": (
        LINKS,
        {
            "reports": {"late_seconds": 3, "lines_per_link": 20, "link_seconds": 2},
            "assumptions": {"reports_of_cancelled": False},
        },
        {"links-when", "links-count", "link-lifetime", "link-life", "cancelled-reports"},
    ),
    "values": (
        [line_values.GROUP],
        {
            "reports": {"first_line_number": 0, "errors_format": "nested"},
            "assumptions": {
                "blank_lines": "fail",
                "missing_value": "omitted",
                "empty_value": "omitted",
                "numeric_value": "accepted",
                "long_value": "accepted",
                "unknown_key": "fails",
            },
        },
        {question.id for question in line_values.GROUP.questions},
    ),
    "blank lines without a number, empty values refused": (
        [line_values.GROUP],
        {"assumptions": {"blank_lines": "unnumbered", "empty_value": "fails"}},
        {"blank-lines", "empty-value"},
    ),
    "functions": ([functions.GROUP], {"assumptions": {"fn_join": True}}, {"fn-join"}),
    "new certificates": (
        [new_certificates.GROUP],
        {
            "registry_lag_seconds": 3,
            "assumptions": {"results_omit": ["lineNumber"], "prerequisites_first": False},
        },
        {"registry-lag", "results-line", "failed-line-leaves"},
    ),
    "known certificates": (
        [known_certificates.GROUP],
        {
            "assumptions": {
                "attached_certificate": "fails",
                "certificate_override": "REPLACE",
                "known_certificate_pem": False,
            }
        },
        {"attached-certificate", "inactive-certificate", "known-certificate-results"},
    ),
    "existing things": (
        [existing_things.GROUP],
        {
            "assumptions": {"thing_override": "REPLACE", "billing_group": "kept"},
            "lines": [{"pattern": "exists-1"}],
        },
        {"existing-thing", "existing-thing-replace", "billing-group-change"},
    ),
    "existing things, refused or left alone": (
        [existing_things.GROUP],
        {"assumptions": {"thing_override": "DO_NOTHING", "billing_group": "fails"}},
        {"existing-thing", "billing-group-change"},
    ),
    "roles": (
        [roles.GROUP],
        {
            "role": {"at": "task"},
            "passed_to_service_key": False,
            "assumptions": {"source_account_key": True, "input_read_by": "start"},
        },
        {"unassumable-role", "role-without-s3", "source-account", "passed-to-service"},
    ),
}
PATIENCE = Patience(role=20, lag=8, links=8, link_life=4, removal=30, settling=0)


def ask(
    aws: LocalAws, groups: list[QuestionGroup], faults: dict[str, Any]
) -> tuple[dict[str, Answer], list[str]]:
    """Ask groups under faults, and remove everything."""
    aws.faults(**faults)
    lag = faults.get("registry_lag_seconds", 0)
    patience = Patience(**{**vars(PATIENCE), "settling": lag})
    workspace = Workspace(Clients(), aws.account, patience)
    try:
        answers, left = ask_all(workspace, groups, lambda text: None, lambda: None)
    finally:
        aws.faults()
    return {answer.question.id: answer for answer in answers}, left


def test_the_whole_run_finds_what_is_assumed_and_leaves_nothing(
    bootstrapped: LocalAws, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "answers.json"

    status = main([bootstrapped.account, "--link-minutes=0.02", f"--output={output}"])

    printed = capsys.readouterr().out
    assert status == 0, printed
    found = {item["id"]: item for item in json.loads(output.read_text())["answers"]}
    assert set(found) == {question.id for question in QUESTIONS}
    assert {name for name, item in found.items() if item["verdict"] == "measured"} == {
        "overhead",
        "rate",
    }
    others = {name: item for name, item in found.items() if item["verdict"] != "measured"}
    assert {name: item["said"] for name, item in others.items()} == {
        name: item["assumed"] for name, item in others.items()
    }
    assert printed.index("It costs") < printed.index("asking about")
    assert f"{len(others)} as assumed, 0 otherwise, 2 measured, 0 not answered" in printed
    assert left_behind(bootstrapped) == []


@pytest.mark.parametrize("case", CASES)
def test_a_fault_changes_the_answers_and_leaves_nothing(aws: LocalAws, case: str) -> None:
    groups, faults, changed = CASES[case]

    answers, left = ask(aws, groups, faults)

    for name in changed:
        answer = answers[name]
        assert answer.said is not None, f"{name}: {answer.problem}"
        assert answer.said != answer.question.assumed, name
    # A new role is refused as well where the last task of the case before holds the slot.
    ignored = {*changed, "new-role"}
    others = [answer for name, answer in answers.items() if name not in ignored]
    assert {answer.verdict for answer in others} <= {"as assumed", "measured"}
    assert left == []
    assert left_behind(aws) == []


def test_a_fault_changes_the_answer_about_the_deployment(bootstrapped: LocalAws) -> None:
    answers, left = ask(bootstrapped, [deployment.GROUP], {"lines": [{"pattern": "deployed"}]})

    assert answers["deployment"].said == "the deployment fails"
    assert left == []
    assert left_behind(bootstrapped) == []


def test_every_question_has_a_fault_that_changes_its_answer() -> None:
    changed = {name for _, _, names in CASES.values() for name in names}

    assert changed | {"deployment"} == {question.id for question in QUESTIONS}
