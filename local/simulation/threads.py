"""The module `threading` for ministack's modules: in the world, threads are actors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from local.simulation.actors import Actor, Scheduler


class Threading:
    """Stands where a module has `threading`; outside of the world it is that.

    Args:
        world: returns the scheduler while the world runs, None otherwise.
    """

    def __init__(self, world: Callable[[], Scheduler | None]) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)

    def Thread(self, **arguments: Any) -> Any:  # noqa: N802 - as in `threading`
        """Return a thread that has not started."""
        scheduler = self._world()
        return _Thread(scheduler, **arguments) if scheduler else threading.Thread(**arguments)

    def Timer(self, seconds: float, run: Callable[..., Any], args: Any = ()) -> Any:  # noqa: N802
        """Return a timer that has not started."""
        scheduler = self._world()
        if scheduler is None:
            return threading.Timer(seconds, run, args)
        return _Thread(scheduler, target=run, args=args, after=seconds)

    def Event(self) -> Any:  # noqa: N802
        """Return an event that is not set."""
        scheduler = self._world()
        return _Event(scheduler) if scheduler else threading.Event()

    def Lock(self) -> Any:  # noqa: N802
        """Return a lock that is not held."""
        scheduler = self._world()
        return _Lock(scheduler) if scheduler else threading.Lock()


class _Thread:
    def __init__(
        self,
        scheduler: Scheduler,
        *,
        target: Callable[..., object],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
        daemon: bool = True,
        after: float = 0,
    ) -> None:
        self._scheduler = scheduler
        self._run: Callable[[], object] = lambda: target(*args, **(kwargs or {}))
        self._after = after
        self._ended = _Event(scheduler)
        self.name = name or str(getattr(target, "__name__", "thread"))
        self.daemon = daemon

    def start(self) -> None:
        self._scheduler.spawn(Actor(self.name), self._bootstrap)

    def join(self, timeout: float | None = None) -> None:
        self._ended.wait(timeout)

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def _bootstrap(self) -> None:
        try:
            if self._after:
                self._scheduler.sleep(self._after)
            self._run()
        finally:
            self._ended.set()


class _Event:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._is_set = False
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        if not self._is_set:
            loop = self._scheduler.loop
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.append(future)
            end = None
            if timeout is not None:
                end = loop.call_later(timeout, _settle, future)
            self._scheduler.wait(future)
            if end is not None:
                end.cancel()
        return self._is_set


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class _Lock:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._free = _Event(scheduler)
        self._free.set()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not blocking and not self._free.is_set():
            return False
        while not self._free.is_set():
            self._free.wait()
        self._free.clear()
        return True

    def release(self) -> None:
        self._free.set()

    def locked(self) -> bool:
        return not self._free.is_set()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
