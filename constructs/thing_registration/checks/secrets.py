"""Private keys: no file that is uploaded may have one, and no message quotes one."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABEL = re.compile(r"-{2,}\s*(?:BEGIN|END)[^-\n]*PRIVATE KEY")
_BEGIN = re.compile(r"-----BEGIN [^-\n]*-----")
#: A text without these bytes has no private key, in whatever label: also where JSON escapes it.
MARKS = (b"PRIVATE KEY", b"\\u")


def has_private_key(text: str) -> bool:
    """Return whether a text has the BEGIN or END line of a private key in PEM, of any kind."""
    return _LABEL.search(text) is not None


def texts_in(value: object) -> Iterator[str]:
    """Yield each text within a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts_in(pair)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from texts_in(member)


def without_secrets(value: object) -> object:
    """Return a JSON value as a message may show it: of a PEM the first line, of a key nothing."""
    if isinstance(value, str):
        if "PRIVATE KEY" in value:
            return "(a private key)"
        begin = _BEGIN.search(value)
        return value if begin is None else f"{value[: begin.end()]}…"
    if isinstance(value, dict):
        return {without_secrets(key): without_secrets(member) for key, member in value.items()}
    if isinstance(value, list):
        return type(value)(map(without_secrets, value))
    if isinstance(value, tuple):
        return tuple(map(without_secrets, value))
    return value
