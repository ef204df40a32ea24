"""docs/first-hour.md: its commands do what it says."""

from __future__ import annotations

import pytest

from tests.deployment.first_hour import page, without_chance
from tools.cdk import ROOT

pytestmark = pytest.mark.slow


def test_each_command_of_the_first_hour_prints_what_the_page_says() -> None:
    written = (ROOT / "docs" / "first-hour.md").read_text()

    assert without_chance(page()) == without_chance(written)
