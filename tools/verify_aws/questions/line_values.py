"""What the values of a line may be, and how lines are numbered and reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import THING, EndedTask, run, template
from tools.verify_aws.workspace import Workspace

_CHECKS = "constructs/thing_registration/checks/rules/values.py"
_LINES = "constructs/thing_registration/checks/lines/exact_line.py"
LINE_BASE = Question(
    "line-base",
    "From which number does a report count the lines?",
    "1",
    (
        "lambda/thing_registration_worker/tasks/failed_lines.py",
        "lambda/thing_registration_worker/failure_reason.py",
    ),
)
BLANK_LINES = Question(
    "blank-lines",
    "What happens to a blank line?",
    "skipped, and has a number",
    (_LINES, "constructs/thing_registration/checks/lines/json_lines.py"),
)
ERRORS_LINE = Question(
    "errors-line",
    "Which members does a line of ERRORS have?",
    "errorCode, errorMessage, lineNumber, offset",
    ("lambda/thing_registration_worker/tasks/failed_lines.py",),
)
MISSING = Question(
    "missing-value",
    "What happens to a line without the value of a parameter that a property refers to?",
    "the line fails",
    (_LINES,),
)
EMPTY = Question(
    "empty-value",
    "What happens to a line with an empty value for an attribute?",
    "registered, with the empty attribute",
    (_CHECKS, _LINES),
)
NUMERIC = Question(
    "numeric-value",
    "What happens to a line with a number as a value?",
    "the line fails",
    (_CHECKS, _LINES),
)
LONG = Question(
    "long-value",
    "What happens to a line with a value of 5,000 characters that nothing refers to?",
    "the line fails",
    (_CHECKS, "constructs/thing_registration/limits.py"),
)
UNKNOWN = Question(
    "unknown-key",
    "What happens to a line with a key that the template does not declare?",
    "registered",
    (_LINES,),
)
PARAMETERS = ("Value", "Unused")
_BODY = template(
    PARAMETERS,
    thing={
        **THING,
        "Properties": {
            "ThingName": {"Ref": "ThingName"},
            "AttributePayload": {"value": {"Ref": "Value"}},
        },
    },
)
_BODY["Parameters"]["Unused"]["Default"] = "none"


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run one task with a line for each question."""
    names = ("plain", "after-blank", "missing", "empty", "numeric", "long", "unknown")
    things = {name: workspace.thing(f"value-{name}") for name in names}

    def line(name: str, **values: Any) -> dict[str, Any]:
        return {"ThingName": things[name], "Value": "1", **values}

    task = run(
        workspace,
        [
            line("plain"),
            "",
            line("after-blank"),
            {"ThingName": things["missing"]},
            line("empty", Value=""),
            line("numeric", Value=7),
            line("long", Unused="x" * 5000),
            line("unknown", Undeclared="x"),
        ],
        _BODY,
    )
    yield from _numbers(task, things)
    yield ERRORS_LINE.answer(_members(task), task.reports.lines["ERRORS"])
    for question, name in ((MISSING, "missing"), (NUMERIC, "numeric"), (LONG, "long")):
        yield question.answer(task.outcome(things[name]))
    yield UNKNOWN.answer(task.outcome(things["unknown"]))
    yield EMPTY.answer(_with_attribute(workspace, task, things["empty"]))


def _numbers(task: EndedTask, things: dict[str, str]) -> Iterator[Answer]:
    first = _number_of(task, things["plain"])
    third = _number_of(task, things["after-blank"])
    if first is None or third is None:
        yield LINE_BASE.answer("RESULTS has no line numbers", task.evidence)
        yield BLANK_LINES.unanswered("RESULTS has no line numbers")
        return
    yield LINE_BASE.answer(str(first), task.evidence)
    lines = task.description["successCount"] + task.description["failureCount"]
    counted = "skipped" if lines == 7 else "a line that fails"
    numbered = "and has a number" if third - first == 2 else "and has no number"
    yield BLANK_LINES.answer(f"{counted}, {numbered}", {"lines counted": lines})


def _number_of(task: EndedTask, thing: str) -> int | None:
    for text in task.reports.lines["RESULTS"]:
        if f':thing/{thing}"' in text:
            number = json.loads(text).get("lineNumber")
            return None if number is None else int(number)
    return None


def _members(task: EndedTask) -> str:
    lines = task.reports.lines["ERRORS"]
    if not lines:
        return "there is no line"
    try:
        found = json.loads(lines[0])
    except ValueError:
        return "it is not JSON"
    return ", ".join(sorted(found))


def _with_attribute(workspace: Workspace, task: EndedTask, thing: str) -> str:
    outcome = task.outcome(thing)
    if outcome != "registered":
        return outcome
    attributes = workspace.iot.describe_thing(thingName=thing).get("attributes", {})
    kept = "with" if "value" in attributes else "without"
    return f"registered, {kept} the empty attribute"


GROUP = QuestionGroup(
    "the values of lines",
    ask,
    (LINE_BASE, BLANK_LINES, ERRORS_LINE, MISSING, NUMERIC, LONG, UNKNOWN, EMPTY),
)
