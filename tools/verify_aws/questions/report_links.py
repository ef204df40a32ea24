"""The links to the reports of the task that `running_task` has run, and of a cancelled one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.questions.running_task import LINES
from tools.verify_aws.tasks import describe, finish, list_links, read_lines, start, template
from tools.verify_aws.waiting import in_words, wait_for
from tools.verify_aws.workspace import Workspace

LINKS_WHEN = Question(
    "links-when",
    "How long after a task's end can all lines of RESULTS be downloaded?",
    "at once",
    (
        "lambda/thing_registration_worker/steps/finish.py",
        "lambda/thing_registration_worker/timing.py",
    ),
)
LINKS_COUNT = Question(
    "links-count",
    f"How many links does a report of {LINES} lines have?",
    "1",
    ("lambda/thing_registration_worker/steps/finish.py",),
)
LINK_SAYS = Question(
    "link-lifetime",
    "Which lifetime does a link state?",
    "3600 s",
    (
        "lambda/thing_registration_worker/steps/finish.py",
        "lambda/thing_registration_worker/aws/report_stream.py",
    ),
)
CANCELLED = Question(
    "cancelled-reports",
    "Does a cancelled task have reports of what it did?",
    "yes",
    ("lambda/thing_registration_worker/steps/abandon.py", "docs/when-things-go-wrong.md"),
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """List the links of a task that has just ended, then cancel another."""
    if "finished" in workspace.facts:
        yield from _links(workspace)
    yield from _cancelled(workspace)


def _links(workspace: Workspace) -> Iterator[Answer]:
    described, ended = workspace.facts["finished"]
    listings: list[tuple[float, int, int]] = []
    links: list[str] = []

    def complete() -> bool | None:
        links[:] = list_links(workspace, described["taskId"], "RESULTS")
        lines = sum(len(read_lines(link)) for link in links)
        listings.append((round(time.monotonic() - ended, 2), len(links), lines))
        return True if lines >= described["successCount"] else None

    found, took = wait_for(complete, workspace.patience.links)
    after = listings[-1][0]
    said = in_words(after) if found else f"not within {took:.0f} s"
    yield LINKS_WHEN.answer(said, {"seconds, links, lines": listings})
    yield LINKS_COUNT.answer(str(len(links)))
    if links:
        workspace.facts["link"] = (links[0], time.monotonic())
        yield LINK_SAYS.answer(_stated_life(links[0]), links[0])


def _stated_life(link: str) -> str:
    query = parse_qs(urlsplit(link).query)
    if "X-Amz-Expires" in query:
        return f"{query['X-Amz-Expires'][0]} s"
    if "Expires" in query:
        return f"{60 * round((float(query['Expires'][0]) - time.time()) / 60)} s"
    return "nothing"


def _cancelled(workspace: Workspace) -> Iterator[Answer]:
    lines = [{"ThingName": workspace.thing(f"cancelled-{number}")} for number in range(LINES)]
    task_id = start(workspace, lines, template(()))

    def under_way() -> bool | None:
        return True if describe(workspace, task_id).get("successCount") else None

    # Where counts are not live, some seconds are enough to have registered something.
    wait_for(under_way, 6)
    workspace.iot.stop_thing_registration_task(taskId=task_id)
    task = finish(workspace, task_id)
    if task.description["status"] != "Cancelled":
        yield CANCELLED.unanswered(f"the task ended {task.description['status']} before it")
    elif not task.description.get("successCount"):
        yield CANCELLED.unanswered("the task was cancelled before its first line")
    else:
        yield CANCELLED.answer("yes" if task.reports.lines["RESULTS"] else "no", task.evidence)


GROUP = QuestionGroup("links to reports", ask, (LINKS_WHEN, LINKS_COUNT, LINK_SAYS, CANCELLED))
