"""Answers as a table for people and as JSON to be contributed."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from tools.verify_aws.question import Answer

_WIDTHS = (34, 28, 34, 36)
_HEADS = ("question", "we assume", "AWS said", "rests on it")
_PEM = re.compile(r"(-----BEGIN [A-Z ]+-----).*?(-----END [A-Z ]+-----)", re.DOTALL)
# A link is a credential as long as it lives.
_SECRET = re.compile(
    r"((?:Signature|Credential|Security-Token|AWSAccessKeyId)=)[^&\"\s]+", re.IGNORECASE
)


def table(answers: Sequence[Answer]) -> str:
    """Return a table of questions, assumptions, answers and files."""
    rows = [_row(_HEADS), "  ".join("-" * width for width in _WIDTHS)]
    for answer in answers:
        said = answer.said if answer.said is not None else f"not answered: {answer.problem}"
        mark = {"otherwise": "!! "}.get(answer.verdict, "")
        question = answer.question
        rows.append(_row((question.text, question.assumed, mark + said, "\n".join(question.files))))
    counts = {
        verdict: sum(answer.verdict == verdict for answer in answers)
        for verdict in ("as assumed", "otherwise", "measured", "not answered")
    }
    rows.append(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    return "\n".join(rows)


def document(answers: Sequence[Answer], account: str, region: str) -> str:
    """Return the answers as JSON, without the account's number, certificates and signatures."""
    found = {
        "asked": datetime.now(timezone.utc).date().isoformat(),
        "region": region,
        "answers": [
            {
                "id": answer.question.id,
                "question": answer.question.text,
                "assumed": answer.question.assumed,
                "said": answer.said,
                "verdict": answer.verdict,
                **({"problem": answer.problem} if answer.problem else {}),
                **({"evidence": answer.evidence} if answer.evidence is not None else {}),
            }
            for answer in answers
        ],
    }
    return json.dumps(_without_secrets(found, account), indent=2, ensure_ascii=False) + "\n"


def _without_secrets(value: Any, account: str) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(item, account) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_secrets(item, account) for item in value]
    if not isinstance(value, str):
        return value
    return _SECRET.sub(r"\1…", _PEM.sub(r"\1…\2", value)).replace(account, "ACCOUNT")


def _row(cells: Sequence[str]) -> str:
    wrapped = [
        [part for line in cell.split("\n") for part in textwrap.wrap(line, width) or [""]]
        for cell, width in zip(cells, _WIDTHS, strict=True)
    ]
    height = max(map(len, wrapped))
    lines = []
    for index in range(height):
        parts = [
            (column[index] if index < len(column) else "").ljust(width)
            for column, width in zip(wrapped, _WIDTHS, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)
