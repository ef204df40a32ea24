"""Waiting for AWS, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0

Found = TypeVar("Found")


@dataclass(frozen=True)
class Patience:
    """How many seconds each wait lasts at most."""

    role: float = 120
    task: float = 900
    lag: float = 60
    slot: float = 60
    links: float = 120
    link_life: float = 600
    removal: float = 420
    settling: float = 5


def wait_for(ask: Callable[[], Found | None], seconds: float) -> tuple[Found | None, float]:
    """Ask until there is an answer; return it, None after so many seconds, and how long it took."""
    began = time.monotonic()
    pause = _FIRST_PAUSE
    while True:
        found = ask()
        took = time.monotonic() - began
        if found is not None or took >= seconds:
            return found, took
        time.sleep(min(pause, max(0.0, seconds - took)))
        pause = min(_LONGEST_PAUSE, pause * 1.5)


def in_words(took: float) -> str:
    """Return a delay as an answer; the calls themselves may take two seconds."""
    return "at once" if took < 2 else f"after {took:.0f} s"
