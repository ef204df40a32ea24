"""An asyncio event loop on a virtual clock: when nothing is ready, it jumps to the next timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from local.simulation.settled import settle

# Times are floats: two timers that are closer than this are due together.
_RESOLUTION_SECONDS = 1e-6


class NothingLeft(RuntimeError):
    """Somebody waits, and nothing will ever happen."""


class VirtualLoop(asyncio.base_events.BaseEventLoop):
    """An event loop without sockets, whose clock is moved by waiting.

    Args:
        run_blocking: runs a function that may block, as a thread would.
        moved: is called whenever the clock has moved.
    """

    def __init__(
        self, run_blocking: Callable[[Callable[[], None]], object], moved: Callable[[], None]
    ) -> None:
        super().__init__()
        self._now = 0.0
        self._moved = moved
        self._run_blocking = run_blocking
        self._clock_resolution = _RESOLUTION_SECONDS
        self._selector = _Waiting(self._advance)

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._now

    def run_in_executor(  # type: ignore[override] # func and args are not typed together
        self, executor: Any, func: Any, *args: Any
    ) -> Any:
        """Run a function that may block, and return the future of its result."""
        future = self.create_future()
        self._run_blocking(lambda: settle(future, lambda: func(*args)))
        return future

    def _advance(self, seconds: float) -> None:
        self._now += seconds
        self._moved()

    def _process_events(self, event_list: Any) -> None:
        """Do nothing: there are no sockets."""

    def _write_to_self(self) -> None:
        """Do nothing: there is no other thread to be woken by."""


class _Waiting:
    """Stands where a loop has its selector; to wait is to move the clock."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        self._advance = advance

    def select(self, timeout: float | None) -> list[Any]:
        """Let so many seconds pass."""
        if timeout is None:
            raise NothingLeft("somebody waits, and nothing will ever happen")
        if timeout > 0:
            self._advance(timeout)
        return []

    def close(self) -> None:
        """Do nothing."""
