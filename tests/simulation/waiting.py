"""Waiting with an end: a row that hangs fails, and says on what."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 7200
LONGEST_PAUSE = 5


def until(
    what: str, ask: Callable[[], T], done: Callable[[T], object], seconds: float = SECONDS
) -> T:
    """Ask until the answer is as wanted.

    Raises:
        AssertionError: it is not after so many seconds.
    """
    end, pause = time.monotonic() + seconds, 0.2
    while not done(answer := ask()):
        assert time.monotonic() < end, f"after {seconds:g} seconds not yet {what}, but: {answer}"
        time.sleep(pause)
        pause = min(pause * 1.1, LONGEST_PAUSE)
    return answer
