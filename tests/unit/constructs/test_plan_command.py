"""A plan is written for a person, a program or a pull request."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.unit.constructs.planning.states import line
from tests.unit.constructs.planning.test_plan import planned
from tests.unit.constructs.test_terminal import Terminal
from thing_registration.plan_command import write
from thing_registration.planning.plan import Plan


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan with a new device, one that is gone, and one that cannot be registered."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return planned(tmp_path, line("kept", 0), line("made", 1), line("new", 3), b"broken\n")


def written(monkeypatch: pytest.MonkeyPatch, plan: Plan, stream: io.StringIO, **form: bool) -> str:
    monkeypatch.setattr(sys, "stdout", stream)
    write([plan], **{"as_json": False, "as_markdown": False, **form})
    return stream.getvalue()


def test_devices_have_a_colour_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, plan: Plan
) -> None:
    terminal = written(monkeypatch, plan, Terminal())
    pipe = written(monkeypatch, plan, io.StringIO())

    assert "\x1b[32m+ new (line 3)\x1b[0m\n" in terminal
    assert "\x1b[31m- found: stays registered, its certificate stays active\x1b[0m\n" in terminal
    assert "\n+ 1 new, ~ 0 changed" in terminal
    assert "\x1b" not in pipe


def test_json_and_markdown_have_no_colours(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> None:
    as_json = written(monkeypatch, plan, Terminal(), as_json=True)
    as_markdown = written(monkeypatch, plan, Terminal(), as_markdown=True)

    assert json.loads(as_json)["tasks"][0]["counts"]["new"] == 1
    assert as_markdown.startswith("## Plan of Fleet\n")
    assert "\x1b" not in as_json + as_markdown
