"""docs/checks.md is what the rules say."""

from __future__ import annotations

from pathlib import Path

from thing_registration.checks.document import document
from thing_registration.checks.rules import RULES

PAGE = Path(__file__).parents[3] / "docs" / "checks.md"


def test_the_page_is_written_from_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "run python -m thing_registration.checks.document > docs/checks.md"
    )


def test_every_rule_stands_on_the_page_once() -> None:
    page = document()

    assert all(page.count(f"| `{rule}` |") == 1 for rule in RULES)


def test_every_rule_states_where_it_comes_from() -> None:
    assert all(
        rule.source.startswith("https://") or rule.source == "cannot be meant"
        for rule in RULES.values()
    )
