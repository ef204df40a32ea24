"""Colours on a terminal: `NO_COLOR`, pipes and files get none.

https://no-color.org
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

import typer

_OF_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}
_OF_SIGNS = {"+": "green", "~": "yellow", "-": "red", "!": "red"}


def labelled(severity: str, message: str, stream: TextIO) -> str:
    """Return `severity: message` for a stream, with the first word in its colour."""
    return f"{_coloured(severity, _OF_SEVERITIES[severity], stream)}: {message}"


def signed(line: str) -> str:
    """Return a line of a plan for standard output, in the colour of its first character."""
    return _coloured(line, _OF_SIGNS.get(line[:1]), sys.stdout)


def _coloured(text: str, colour: str | None, stream: TextIO) -> str:
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if colour is None or is_plain or not stream.isatty():
        return text
    return typer.style(text, fg=colour)
