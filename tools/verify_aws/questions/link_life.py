"""How long a link lives: asked last, because it takes longest."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.waiting import wait_for
from tools.verify_aws.workspace import Workspace

LINK_LIFE = Question(
    "link-life",
    "Does a link still work at the end of the time that it is watched (10 minutes by default)?",
    "yes",
    (
        "lambda/thing_registration_worker/steps/finish.py",
        "lambda/thing_registration_worker/aws/report_stream.py",
    ),
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Read a link again and again until it is refused or the budget is used."""
    if "link" not in workspace.facts:
        yield LINK_LIFE.unanswered("no link was found")
        return
    link, listed = workspace.facts["link"]

    def refused() -> int | None:
        try:
            with urllib.request.urlopen(link, timeout=30):
                return None
        except urllib.error.HTTPError as error:
            return error.code

    budget = max(0.0, workspace.patience.link_life - (time.monotonic() - listed))
    status, _ = wait_for(refused, budget)
    age = time.monotonic() - listed
    evidence = {"seconds": round(age, 1), "budget": workspace.patience.link_life}
    if status is None:
        yield LINK_LIFE.answer("yes", evidence)
    else:
        yield LINK_LIFE.answer(f"no: HTTP status {status} after {age:.0f} s", evidence)


GROUP = QuestionGroup("the life of a link", ask, (LINK_LIFE,))
