"""What happened, for tests to read: calls, custom-resource events, answers, faults."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

MAX_ENTRIES = 10_000
MAX_TOTAL_CHARS = 64 * 1024 * 1024
MAX_TEXT_CHARS = 32 * 1024


class Journal:
    """The last entries, oldest first: at most 10,000, and at most 64 MiB of them.

    A text of over 32 KiB in an entry is cut short.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[tuple[int, dict[str, Any]]] = deque()
        self._chars = 0
        self._count = 0

    def write(self, kind: str, **facts: Any) -> None:
        """Append an entry, of a kind such as `call`, `event` or `fault`."""
        short = _shortened(facts)
        size = len(json.dumps(short, default=str))
        with self._lock:
            self._count += 1
            entry = {"n": self._count, "time": time.time(), "kind": kind, **short}
            self._entries.append((size, entry))
            self._chars += size
            while len(self._entries) > MAX_ENTRIES or self._chars > MAX_TOTAL_CHARS:
                self._chars -= self._entries.popleft()[0]

    def entries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the entries of a kind (default: all) whose number is greater than `after`."""
        with self._lock:
            entries = [entry for _, entry in self._entries]
        return [entry for entry in entries if entry["n"] > after and kind in (None, entry["kind"])]

    def clear(self) -> None:
        """Delete all entries; the numbering continues."""
        with self._lock:
            self._entries.clear()
            self._chars = 0


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        return f"{value[:MAX_TEXT_CHARS]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(item) for item in value]
    return value
