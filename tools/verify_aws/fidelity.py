"""`python -m tools.verify_aws.fidelity > docs/fidelity.md`: what AWS said, and what is assumed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.cdk import ROOT
from tools.verify_aws.question import Question
from tools.verify_aws.questions import QUESTIONS

ANSWERS = ROOT / "docs" / "aws-answers.json"
_HEAD = """# What AWS said, and what is assumed

AWS's documentation leaves these questions open. `make verify-aws ACCOUNT=123456789012` asks them
in an account: it costs cents, removes what it made, and writes `docs/aws-answers.json`, from which
this page is generated (`python -m tools.verify_aws.fidelity > docs/fidelity.md`). Where there is no
answer yet, the page says *assumed*: [the local AWS](local-aws.md) behaves so, and a setting changes
it.

"""
_TABLE = "| question | we assume | AWS said | rests on it |\n|---|---|---|---|\n"


def page(contributed: Mapping[str, Any]) -> str:
    """Return the page for contributed answers; an empty mapping has none."""
    found = {answer["id"]: answer for answer in contributed.get("answers", ())}
    rows = "".join(_row(question, found.get(question.id)) for question in QUESTIONS)
    origin = "Nobody has asked yet.\n\n"
    if found:
        origin = f"Asked on {contributed['asked']} in {contributed['region']}.\n\n"
    return f"{_HEAD}{origin}{_TABLE}{rows}"


def contributed_answers(path: Path = ANSWERS) -> dict[str, Any]:
    """Return the contributed answers, an empty dictionary if there are none."""
    if not path.is_file():
        return {}
    answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answers


def _row(question: Question, answer: Mapping[str, Any] | None) -> str:
    said = answer["said"] if answer is not None else None
    shown = "*assumed*"
    if said is not None:
        differs = not question.measured and said != question.assumed
        shown = f"**{_cell(said)}**" if differs else _cell(said)
    files = ", ".join(f"[{name.rpartition('/')[2]}](../{name})" for name in question.files)
    return f"| {_cell(question.text)} | {_cell(question.assumed)} | {shown} | {files} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page(contributed_answers()))
