"""docs/checks.md is written from the rules."""

from __future__ import annotations

from pathlib import Path

from thing_registration.checks.rules import RULES
from thing_registration.checks.rules.page import page

PAGE = Path(__file__).parents[5] / "docs" / "checks.md"


def test_the_page_is_written_from_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run python -m thing_registration.checks.rules.page > docs/checks.md"
    )


def test_every_rule_stands_on_the_page_once() -> None:
    text = page()

    assert all(text.count(f"| `{rule}` |") == 1 for rule in RULES)


def test_every_rule_states_where_it_comes_from() -> None:
    assert all(rule.page is None or rule.page.startswith("https://") for rule in RULES.values())
