"""How messages quote a user's file: always in one line, never too long."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from thing_registration.checks.pairs import dump
from thing_registration.checks.secrets import without_secrets

_LONGEST_SHOWN = 80
# What Python's parser accepts or refuses in its own way.
UNUSUAL_NUMBER = "NaN, Infinity or too large a number"


def shown(value: object) -> str:
    """Return a value as JSON in one line, shortened in its middle if it is long.

    Of a PEM the first line is shown, and nothing of a private key.
    """
    public = without_secrets(value)
    text = dump(public).replace("\\u2026", "…")
    length = len(value) if isinstance(value, str) else len(dump(value))
    if len(text) > _LONGEST_SHOWN:
        return f"{text[:50]}…{text[-10:]} ({length:,} characters)"
    return text if public == value else f"{text} ({length:,} characters)"


def field_name(name: str) -> str:
    """Return a name from a user's file as it is, quoted if it is not a plain word."""
    plain = (
        without_secrets(name) == name
        and name.isascii()
        and name.isprintable()
        and name.strip() == name != ""
        and len(name) <= 64
    )
    return name if plain else shown(name)


def field_names(names: Iterable[str], nothing: str = "an empty object") -> str:
    """Return names in one line, sorted, or what there is without any."""
    return ", ".join(sorted(map(field_name, names))) or nothing


def lower_first(text: str) -> str:
    """Return a message of Python or of the system as part of a sentence."""
    return text[:1].lower() + text[1:]


def why_unreadable(error: OSError, source: str) -> str:
    """Return why a file cannot be read; of a relative path that is missing, also where it was."""
    why = lower_first(error.strerror or str(error))
    if isinstance(error, FileNotFoundError) and not Path(source).is_absolute():
        return f"{why} in {Path.cwd()}"
    return why


def choice(words: Iterable[str]) -> str:
    """Return words as `A, B or C`."""
    *before, last = words
    return f"{', '.join(before)} or {last}" if before else last
