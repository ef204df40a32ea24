"""Writes docs/checks.md: `python -m thing_registration.checks.document > docs/checks.md`."""

from __future__ import annotations

from thing_registration.checks.input_rules import INPUT_RULES
from thing_registration.checks.rule import Rule
from thing_registration.checks.template_rules import TEMPLATE_RULES
from thing_registration.checks.value_rules import VALUE_RULES

_HEAD = """\
# What is checked before the deployment

`python -m thing_registration.checks.document` writes this page from the rules themselves.

An **error** is what AWS's documentation or service model says will be rejected, or what cannot be
meant; the synthesis fails. A **warning** is whatever else looks wrong; the deployment goes on,
unless the check is strict. All problems are reported together: the first 20 in full, errors first,
then how many of each rule.

Nothing is dropped, repaired or truncated in silence. What is uploaded is UTF-8 with LF, no byte
order mark and no blank lines, one JSON object a line; what was written in another way is said.
"""

_TABLE = """\
| rule | | what is checked | source | a message |
|---|---|---|---|---|
"""


def document() -> str:
    """Give the page."""
    sections = (
        ("The provisioning template", TEMPLATE_RULES),
        ("Values, in the template, as a Default, or in a line", VALUE_RULES),
        ("The input file", INPUT_RULES),
    )
    return _HEAD + "".join(_section(title, rules) for title, rules in sections)


def _section(title: str, rules: tuple[Rule, ...]) -> str:
    rows = "".join(
        f"| `{rule.id}` | {rule.severity} | {_cell(rule.checks)} | {_source(rule.source)} "
        f"| `{_cell(rule.example)}` |\n"
        for rule in rules
    )
    return f"\n## {title}\n\n{_TABLE}{rows}"


def _source(source: str) -> str:
    if not source.startswith("https:"):
        return source
    name = source.removesuffix("/").rsplit("/", 1)[-1].split(".html")[0]
    return f"[{name}]({source})"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    print(document(), end="")
