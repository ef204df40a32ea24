"""Intrinsic functions in the template of a bulk registration."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import run, template
from tools.verify_aws.workspace import Workspace

FN_JOIN = Question(
    "fn-join",
    "Does a bulk template accept Fn::Join?",
    "no: InvalidRequestException at the start",
    (
        "constructs/thing_registration/checks/template/grammar.py",
        "constructs/thing_registration/checks/rules/template.py",
    ),
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Start a task whose thing has a joined name."""
    thing = workspace.thing("joined-1")
    name = {"Fn::Join": ["-", [thing.removesuffix("-1"), {"Ref": "ThingName"}]]}
    body = template((), thing={"Type": "AWS::IoT::Thing", "Properties": {"ThingName": name}})
    try:
        task = run(workspace, [{"ThingName": "1"}], body)
    except ClientError as error:
        found = error.response["Error"]
        yield FN_JOIN.answer(f"no: {found['Code']} at the start", found)
        return
    outcome = task.outcome(thing)
    yield FN_JOIN.answer("yes" if outcome == "registered" else f"no: {outcome}", task.evidence)


GROUP = QuestionGroup("intrinsic functions", ask, (FN_JOIN,))
