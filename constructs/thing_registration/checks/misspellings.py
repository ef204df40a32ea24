"""Which name a misspelt one means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def meant(name: str, known: Sequence[str]) -> str | None:
    """Return the name that another almost is, but for its case, its marks or a letter or two."""
    plain = {_plain(one): one for one in reversed(known)}
    found = plain.get(_plain(name))
    if found is not None:
        return found
    return next(iter(difflib.get_close_matches(name, known, 1, 0.8)), None)


def meant_by(names: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """Return what each of some names means, those left out that mean nothing; each at most once."""
    found: dict[str, str] = {}
    for name in names:
        one = meant(name, [each for each in known if each not in found.values()])
        if one is not None:
            found[name] = one
    return found


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
