"""A journal with ordinals in place of ids, so that two of them can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[0-9a-f]{13}\b")


def with_ordinals(journal: Sequence[dict[str, Any]]) -> str:
    """Return it as JSON Lines; the first id in it is `#1`."""
    ordinals: dict[str, str] = {}

    def ordinal(found: re.Match[str]) -> str:
        return ordinals.setdefault(found[0].lower(), f"#{len(ordinals) + 1}")

    text = "\n".join(json.dumps(entry, sort_keys=True) for entry in journal)
    return re.sub(_ID, ordinal, text)
