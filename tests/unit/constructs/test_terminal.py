"""Only a terminal gets colours, and only one that wants them."""

from __future__ import annotations

import io

import pytest

from thing_registration.terminal import labelled


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_the_severity_is_coloured_on_a_terminal() -> None:
    assert labelled("error", "a", Terminal()) == "\x1b[31merror\x1b[0m: a"


def test_a_pipe_gets_no_colours() -> None:
    assert labelled("error", "a", io.StringIO()) == "error: a"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert labelled("error", "a", Terminal()) == "error: a"
