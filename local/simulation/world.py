"""The world that a simulated AWS runs in: its clock, its services, its Lambdas."""

from __future__ import annotations

import asyncio
import atexit
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from local.server.environment import server_environment
from local.server.options import Options
from local.simulation import process_patches
from local.simulation.actors import ProcessState, Scheduler
from local.simulation.authority import certificate_authority
from local.simulation.event_loop import VirtualLoop
from local.simulation.threads import Threading

ENDPOINT_URL = "http://127.0.0.1:4566"
# 2030-01-01T00:00:00Z
EPOCH = 1_893_456_000.0

_inside = process_patches.Inside()


class World:
    """Everything that is there once for a process; `begin` makes it new."""

    def __init__(self) -> None:
        self.chance = random.Random(0)
        self._scratch = Path(tempfile.mkdtemp(prefix="simulated-aws-"))
        atexit.register(shutil.rmtree, self._scratch, ignore_errors=True)
        options = Options()
        self._environment = server_environment(os.environ, options, ENDPOINT_URL, self._scratch)
        before = ProcessState(self._environment, sys.stdout).swap()
        try:
            # Not at the top: ministack reads the environment when it is imported.
            from local.server.assembly import assemble
            from local.simulation.invocations import Invocations
            from local.simulation.network import Network

            self._assembly = assemble(options, lambda: None)
        finally:
            before.swap()
        self.network = Network(self._assembly.gateway)
        self.admin = self._assembly.admin
        self.tasks = self._assembly.tasks
        _wait_between_attempts()
        self._new_loop()
        self.invocations = Invocations(self._scheduler, self._environment)
        self.invocations.apply()
        process_patches.apply(_inside.here)

    @property
    def scheduler(self) -> Scheduler:
        """Return what runs the actors."""
        return self._scheduler

    @property
    def now(self) -> float:
        """Return the virtual time in epoch seconds."""
        return EPOCH + self._loop.time()

    def begin(self, seed: int, *, auth: bool) -> None:
        """Begin a new life with an empty account."""
        self._new_loop()
        self.invocations.scheduler = self._scheduler
        self.network.begin(self._scheduler, seed)
        self.chance = random.Random(f"{seed} chance")
        self._state = random.Random(f"{seed} code").getstate()
        from ministack import app
        from ministack.services import iot

        # Not by the environment: a test may have imported ministack before.
        app.AUTH = auth
        with self.running():
            _make_threads_actors(self)
            self._assembly.clear()
            self.invocations.clear()
            iot._ca_cert_pem, iot._ca_key_pem = certificate_authority()

    def end(self) -> None:
        """End whatever runs."""
        self.invocations.clear()
        self._new_loop()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let code see the world's time, chance and environment."""
        if _inside.world is not None:
            yield
            return
        before = self._process.swap()
        _inside.enter(self, self.now, self._state)
        try:
            yield
        finally:
            self._state = _inside.leave()
            before.swap()
        if self._scheduler.failures:
            raise self._scheduler.failures.pop()

    def monotonic(self) -> float:
        """Return the seconds of the virtual clock."""
        return self._loop.time()

    def sleep(self, seconds: float) -> None:
        """Let the one that runs wait."""
        if self._scheduler.current is not None:
            self._scheduler.sleep(seconds)
        else:
            self._loop.run_until_complete(asyncio.sleep(seconds))

    def send(self, session: Any, request: Any) -> Any:
        """Carry out a request of botocore."""
        return self.network.send(session, request)

    def open_url(self, request: Any, timeout: float | None) -> Any:
        """Carry out a request of urllib."""
        return self.network.open_url(request, timeout)

    def _new_loop(self) -> None:
        self._loop = VirtualLoop(self._run_blocking, lambda: _inside.move_to(self.now))
        self._scheduler = Scheduler(self._loop)
        self._process = ProcessState(self._environment, sys.stdout, str(self._scratch))
        from ministack import app

        app._MAIN_LOOP = self._loop

    def _run_blocking(self, run: Any) -> None:
        from local.simulation.actors import Actor

        self._scheduler.spawn(Actor("executor"), run)


def _wait_between_attempts() -> None:
    """Let an asynchronous event be tried again after one minute and after two more, as Lambda does.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """
    from ministack.services import lambda_svc

    lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = 60.0
    lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS = 120.0


@lru_cache(maxsize=1)
def the_world() -> World:
    """Return the world of this process."""
    return World()


def is_virtual_time() -> bool:
    """Return whether the code that asks sees the time of a world."""
    return _inside.world is not None


def _make_threads_actors(world: World) -> None:
    """Let ministack's threads, and those of our patches, be actors."""
    threading = Threading(lambda: world.scheduler if _inside.here() is not None else None)
    for name, module in sorted(sys.modules.items()):
        ours = name.startswith(("ministack.", "local.patches"))
        if ours and isinstance(module.__dict__.get("threading"), ModuleType):
            module.__dict__["threading"] = threading
