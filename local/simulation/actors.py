"""What runs in the world: each on its own greenlet, one at a time."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, TextIO

import boto3
from greenlet import GreenletExit, getcurrent, greenlet

# A dead actor that catches its death again and again is ended by what nothing catches.
_MOST_DEATHS = 200


@dataclass
class ProcessState:
    """What a process has for itself: its environment, its output, its folder for scratch files."""

    environment: Mapping[str, str]
    output: TextIO
    scratch: str | None = None
    session: Any = None

    def swap(self) -> ProcessState:
        """Install it, and return what was there."""
        before = ProcessState(os.environ, sys.stdout, tempfile.tempdir, boto3.DEFAULT_SESSION)
        # Not filled anew: the swap is made at each switch.
        os.environ = self.environment  # type: ignore[assignment] # noqa: B003
        sys.stdout, tempfile.tempdir = self.output, self.scratch
        boto3.DEFAULT_SESSION = self.session
        return before

    def keep(self) -> None:
        """Remember the session that was made meanwhile."""
        self.session = boto3.DEFAULT_SESSION


@dataclass(eq=False)
class Actor:
    """One line of execution.

    Attributes:
        name: for messages.
        process: its own; None: that of the services.
        death: what each further call and sleep of it raises.
    """

    name: str
    process: ProcessState | None = None
    death: Exception | None = None
    deaths: int = 0
    thread: Any = field(default=None, repr=False)

    def check_alive(self) -> None:
        """Raise its death, if it is dead."""
        if self.death is None:
            return
        self.deaths += 1
        if self.deaths > _MOST_DEATHS:
            raise GreenletExit
        raise self.death


class Scheduler:
    """Runs actors from an event loop, which is driven by whoever waits from outside."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.current: Actor | None = None
        #: What actors have raised: nothing waits for their end.
        self.failures: list[BaseException] = []
        loop.set_exception_handler(self._note)

    def spawn(self, actor: Actor, run: Callable[[], None]) -> None:
        """Let an actor run as soon as it is its turn."""
        actor.thread = greenlet(run)
        # Entered anew by each actor: what one sets, no other sees.
        actor.thread.gr_context = Context()
        self.loop.call_soon(self.resume, actor)

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        # Of a callback; a task's error is for whoever waits for the task.
        if "handle" in context and "exception" in context:
            self.failures.append(context["exception"])

    def resume(self, actor: Actor) -> None:
        """Go on with an actor until it waits or ends; called by the loop."""
        if actor.thread.dead:
            return
        loop = self.loop
        before, actor.thread.parent = self.current, getcurrent()
        self.current = actor
        process = actor.process.swap() if actor.process is not None else None
        # An actor stands for a thread or a process of its own: it does not see the loop.
        asyncio._set_running_loop(None)
        try:
            actor.thread.switch()
        finally:
            asyncio._set_running_loop(loop)
            self.current = before
            if process is not None and actor.process is not None:
                actor.process.keep()
                process.swap()

    def park(self) -> None:
        """Let the others run until somebody resumes the current actor."""
        actor = self.current
        assert actor is not None, "only an actor can wait"
        actor.thread.parent.switch()
        actor.check_alive()

    def sleep(self, seconds: float) -> None:
        """Let the current actor wait."""
        actor = self.current
        assert actor is not None, "only an actor can sleep"
        actor.check_alive()
        self.loop.call_later(max(0.0, seconds), self.resume, actor)
        self.park()

    def wait(self, future: asyncio.Future[Any]) -> Any:
        """Let the current actor wait for a future, and return its result."""
        actor = self.current
        assert actor is not None, "only an actor can wait"
        if not future.done():
            future.add_done_callback(lambda _: self.resume(actor))
            while not future.done():
                self.park()
        return future.result()
