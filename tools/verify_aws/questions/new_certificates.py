"""Certificates that a task makes: their report, their lag, and what a failed line leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from tools.verify_aws.certificates import new_certificates, public_key
from tools.verify_aws.keys import key_of_csr
from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import EndedTask, finish, start, template
from tools.verify_aws.waiting import in_words, wait_for
from tools.verify_aws.workspace import Workspace

RESULTS_LINE = Question(
    "results-line",
    "Which members does a line of RESULTS have?",
    "lineNumber, response.CertificatePem, response.ResourceArns",
    (
        "lambda/thing_registration_worker/tasks/failed_lines.py",
        "lambda/thing_registration_worker/steps/finish.py",
    ),
)
REGISTRY_LAG = Question(
    "registry-lag",
    "How long after a task's end does the registry show thing and certificate?",
    "at once",
    (
        "lambda/thing_registration_worker/aws/registry.py",
        "lambda/thing_registration_worker/timing.py",
    ),
)
FAILED_LINE = Question(
    "failed-line-leaves",
    "What does a line leave behind if its policy does not exist?",
    "nothing",
    ("docs/when-things-go-wrong.md", "README.md"),
)
BODY = template(
    ("CSR", "PolicyName"),
    certificate={
        "Type": "AWS::IoT::Certificate",
        "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "ACTIVE"},
    },
    policy={"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": {"Ref": "PolicyName"}}},
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run one task with a device that succeeds and one that does not."""
    policy = workspace.new_policy("policy")
    thing, failing = workspace.thing("certified"), workspace.thing("failing")
    failing_csr = workspace.csr()
    task_id = start(
        workspace,
        [
            {"ThingName": thing, "CSR": workspace.csr(), "PolicyName": policy},
            {"ThingName": failing, "CSR": failing_csr, "PolicyName": f"{policy}-missing"},
        ],
        BODY,
    )
    finish(workspace, task_id, with_reports=False)
    yield _lag(workspace, thing)
    task = finish(workspace, task_id)
    yield RESULTS_LINE.answer(_members(task), task.evidence)
    yield FAILED_LINE.answer(_left(workspace, failing, failing_csr), task.evidence)


def _lag(workspace: Workspace, thing: str) -> Answer:
    began = time.monotonic()

    def shown() -> list[str] | None:
        if not workspace.exists(thing):
            return None
        listed = workspace.iot.list_thing_principals(thingName=thing)["principals"]
        return listed or None

    principals, took = wait_for(shown, workspace.patience.lag)
    if principals is None:
        return REGISTRY_LAG.answer(f"not within {took:.0f} s")
    workspace.facts["certificate"] = principals[0].rpartition("/")[2]
    return REGISTRY_LAG.answer(in_words(took), {"seconds": round(time.monotonic() - began, 2)})


def _members(task: EndedTask) -> str:
    lines = task.reports.lines["RESULTS"]
    if not lines:
        return "there is no line"
    found = json.loads(lines[0])
    response = found.pop("response", {})
    return ", ".join(sorted([*found, *(f"response.{name}" for name in response)]))


def _left(workspace: Workspace, thing: str, csr: str) -> str:
    """Return what exists of a device; waited for a little, since the registry may lag."""
    key = key_of_csr(csr)

    def found() -> str | None:
        kinds = []
        if workspace.exists(thing):
            kinds.append("a thing")
        if any(public_key(workspace, item) == key for item in new_certificates(workspace)):
            kinds.append("a certificate")
        return " and ".join(kinds) or None

    return wait_for(found, min(5, workspace.patience.lag))[0] or "nothing"


GROUP = QuestionGroup("new certificates", ask, (REGISTRY_LAG, RESULTS_LINE, FAILED_LINE))
