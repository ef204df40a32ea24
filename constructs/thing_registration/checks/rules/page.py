"""Writes docs/checks.md: `python -m thing_registration.checks.rules.page > docs/checks.md`."""

from __future__ import annotations

from thing_registration.checks.rules import SECTIONS
from thing_registration.checks.rules.rule import Rule

_HEAD = """\
# What is checked before the deployment

`python -m thing_registration.checks.rules.page` writes this page from the rules themselves.

An **error** is what AWS's documentation or service model says AWS rejects, or what is almost
certainly a mistake; the synthesis fails. A **warning** is whatever else looks wrong; the deployment
goes on, unless the check is strict. All problems are reported together: the first 20 in full,
errors first, then how many of each rule.

Nothing is dropped, repaired or truncated silently. What is uploaded is UTF-8 with LF, without a
byte order mark or blank lines, one JSON object per line; a note says what was changed.
"""

_TABLE = """\
| rule | | what is checked | source | a message |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_section(title, rules) for title, rules in SECTIONS.items())


def _section(title: str, rules: tuple[Rule, ...]) -> str:
    rows = "".join(
        f"| `{rule.id}` | {rule.severity} | {_cell(rule.sentence)} | {_link(rule.page)} "
        f"| `{_cell(rule.example)}` |\n"
        for rule in rules
    )
    return f"\n## {title}\n\n{_TABLE}{rows}"


def _link(url: str | None) -> str:
    if url is None:
        return "almost certainly a mistake"
    name = url.removesuffix("/").rsplit("/", 1)[-1].split(".html")[0]
    return f"[{name}]({url})"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    print(page(), end="")
