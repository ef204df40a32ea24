"""Waiting with an end: a row that hangs fails, and says on what."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from local.simulation.world import is_virtual_time

T = TypeVar("T")
# Virtual seconds cost only the calls in them; real ones are waited for.
SECONDS, REAL_SECONDS = 7200, 240
LONGEST_PAUSE, LONGEST_REAL_PAUSE = 5, 0.5


def until(
    what: str,
    ask: Callable[[], T],
    done: Callable[[T], object],
    seconds: float | None = None,
) -> T:
    """Ask until the answer is as wanted; by default 7200 virtual or 240 real seconds long.

    Raises:
        AssertionError: it is not after so many seconds.
    """
    is_virtual = is_virtual_time()
    longest_pause = LONGEST_PAUSE if is_virtual else LONGEST_REAL_PAUSE
    if seconds is None:
        seconds = SECONDS if is_virtual else REAL_SECONDS
    end, pause = time.monotonic() + seconds, 0.2
    while not done(answer := ask()):
        assert time.monotonic() < end, f"after {seconds:g} seconds not yet {what}, but: {answer}"
        time.sleep(pause)
        pause = min(pause * 1.1, longest_pause)
    return answer
