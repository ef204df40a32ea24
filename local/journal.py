"""What happened, for tests to read: calls, custom-resource events, answers, faults."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

_KEPT = 10_000


class Journal:
    """The last 10,000 entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._count = 0

    def write(self, kind: str, **facts: Any) -> None:
        """Append an entry. `kind` is one of `call`, `event`, `answer`, `fault`."""
        self._count += 1
        self._entries.append({"n": self._count, "time": time.time(), "kind": kind, **facts})

    def entries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the entries of a kind (default: all) whose number is greater than `after`."""
        return [
            entry
            for entry in list(self._entries)
            if entry["n"] > after and kind in (None, entry["kind"])
        ]

    def clear(self) -> None:
        """Delete all entries; the numbering continues."""
        self._entries.clear()
