"""Interrupts: the first one ends the questions, and none ends the removal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM came.

    Args:
        number: the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}")
        self.number = number


class Interrupts:
    """Raises Interrupted at the first signal, until it is told to hold them back."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._held = False

    def hold(self) -> None:
        """Answer each further signal with a sentence only."""
        self._held = True

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if self._held:
            self._say("removing what was made; this takes some minutes at most")
            return
        self._held = True
        raise Interrupted(number)


@contextmanager
def interruptible(say: Callable[[str], None]) -> Iterator[Interrupts]:
    """Handle SIGINT and SIGTERM within the block."""
    interrupts = Interrupts(say)
    before = [signal.signal(number, interrupts.handle) for number in SIGNALS]
    try:
        yield interrupts
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
