"""Choices of an argument that may be stated as words: `"CREATE"` for `Prerequisites.CREATE`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

from thing_registration.checks.quoting import choice
from thing_registration.known_values import check_known, is_dummy

E = TypeVar("E", bound=Enum)


def chosen(argument: str, given: E | str, choices: Iterable[E], *, of_dummy: E) -> E:
    """Return what is chosen.

    Args:
        argument: its name.
        given: one of the choices, or its word, in the case of the enum's values.
        choices: what is allowed.
        of_dummy: what stands for a word that waits for a context lookup.

    Raises:
        ValueError: it is another word, another member of the enum, or a token.
    """
    if is_dummy(given):
        return of_dummy
    check_known(argument, given)
    words = {str(each.value): each for each in choices}
    if isinstance(given, Enum):
        word, got, near = str(given.value), given.name, []
    else:
        word, got, near = given, repr(given), get_close_matches(given.upper(), words, n=1)
    if word in words:
        return words[word]
    hint = f": did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{argument} must be {choice(words)}, got {got}{hint}")
