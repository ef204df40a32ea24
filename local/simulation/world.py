"""The world that a simulated AWS runs in: its clock, its services, its Lambdas, its network."""

from __future__ import annotations

import asyncio
import atexit
import math
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

from botocore.exceptions import ReadTimeoutError

from local.server.environment import server_environment
from local.server.options import Options
from local.simulation import process_patches
from local.simulation.actors import ProcessState, Scheduler
from local.simulation.authority import certificate_authority
from local.simulation.calls import Call, HttpFailure, Listener
from local.simulation.event_loop import VirtualLoop
from local.simulation.threads import Threading
from local.simulation.wire import (
    Exchange,
    link_exchange,
    opened,
    request_exchange,
    response,
)

ENDPOINT_URL = "http://127.0.0.1:4566"
# 2030-01-01T00:00:00Z
EPOCH = 1_893_456_000.0
# What the worker takes for a line that it reads and compares (`benchmarks/update.py`).
_SECONDS_PER_LINE = 40e-6
_SLOW_CALLS = 0.01

_inside = process_patches.Inside()


class World:
    """Everything that is there once for a process; `begin` makes it new."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self.chance = random.Random(0)
        self._scratch = Path(tempfile.mkdtemp(prefix="simulated-aws-"))
        atexit.register(shutil.rmtree, self._scratch, ignore_errors=True)
        options = Options()
        self._environment = server_environment(os.environ, options, ENDPOINT_URL, self._scratch)
        before = ProcessState(self._environment, sys.stdout).swap()
        try:
            # Not at the top: ministack reads the environment when it is imported.
            from local.server.assembly import assemble
            from local.simulation.invocations import Invocation, Invocations

            self._assembly = assemble(options, lambda: None)
        finally:
            before.swap()
        self._invocation_type = Invocation
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
        self.listener = None
        self.chance = random.Random(f"{seed} chance")
        self._latency = random.Random(f"{seed} latency")
        self._state = random.Random(f"{seed} code").getstate()
        self.calls = 0
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
        exchange = request_exchange(request)
        if self._is_a_lambda():
            service, api = request.operation
            self._call(exchange, service, api, float(session._timeout.read_timeout))
        else:
            self._carry_out_slowly(exchange)
        return response(request, exchange, self._read)

    def open_url(self, request: Any, timeout: float | None) -> Any:
        """Carry out a request of urllib."""
        exchange = link_exchange(request)
        if self._is_a_lambda():
            self._call(exchange, "http", exchange.method, timeout or 60)
        else:
            self._carry_out_slowly(exchange)
        return opened(exchange, self._read)

    def _is_a_lambda(self) -> bool:
        """Return whether a Lambda makes the call, and not a listener that it is held by."""
        actor = self._scheduler.current
        return isinstance(actor, self._invocation_type) and not actor.is_listened_to

    def _call(self, exchange: Exchange, service: str, api: str, timeout: float) -> None:
        """Carry out a call of a Lambda: it takes time, and a test may strike it."""
        invocation = self._scheduler.current
        assert isinstance(invocation, self._invocation_type)
        invocation.check_alive()
        self.calls += 1
        number, there, back = self.calls, self._seconds(), self._seconds()
        if there > timeout:
            self._scheduler.sleep(timeout)
            raise ReadTimeoutError(endpoint_url=exchange.url)
        self._scheduler.sleep(there)
        if not self._strike(exchange, Call(number, service, api, invocation, "before")):
            self._carry_out(exchange)
            self._strike(exchange, Call(number, service, api, invocation, "after"))
        if there + back > timeout:
            self._scheduler.sleep(timeout - there)
            raise ReadTimeoutError(endpoint_url=exchange.url)
        self._scheduler.sleep(back)

    def _strike(self, exchange: Exchange, call: Call) -> bool:
        """Tell the listener of a call; return whether it has answered in AWS's place."""
        if self.listener is None:
            return False
        call.invocation.is_listened_to = True
        try:
            failure = self.listener(call)
        except Exception as error:
            call.invocation.death = error
            raise
        finally:
            call.invocation.is_listened_to = False
        call.invocation.check_alive()
        if failure is None:
            return False
        self._fail(exchange, call, failure)
        return True

    @staticmethod
    def _fail(exchange: Exchange, call: Call, failure: HttpFailure) -> None:
        from local.patches.call_faults import failure_reply

        exchange.is_dropped = failure.code is None
        if failure.code is None:
            exchange.answer(0, {}, b"")
        else:
            service = call.service if call.service != "http" else "s3"
            exchange.answer(*failure_reply(service, failure.code, failure.message, failure.status))

    def _carry_out_slowly(self, exchange: Exchange) -> None:
        """Carry out a call of a service to another, or of a test, which takes no time."""
        if self._scheduler.current is not None:
            self._scheduler.sleep(self._seconds())
        self._carry_out(exchange)

    def _carry_out(self, exchange: Exchange) -> None:
        """Let the services answer."""
        answering = exchange.run(self._assembly.gateway)
        if self._scheduler.current is not None:
            self._scheduler.wait(self._loop.create_task(answering))
        elif self._loop.is_running():
            _step_through(answering)
        else:
            self._loop.run_until_complete(answering)

    def _read(self, content: bytes) -> None:
        """Let the time pass that a Lambda needs for the lines that it reads."""
        invocation = self._scheduler.current
        if isinstance(invocation, self._invocation_type):
            invocation.check_alive()
            lines = content.count(b"\n")
            if lines:
                self._scheduler.sleep(lines * _SECONDS_PER_LINE)

    def _seconds(self) -> float:
        """Return how long one way of a call takes: 10 to 300 ms both ways, sometimes seconds."""
        if self._latency.random() < _SLOW_CALLS:
            return self._latency.uniform(0.5, 3)
        return 0.005 * math.exp(math.log(30) * self._latency.random())

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


def _step_through(answering: Any) -> None:
    """Run a coroutine that waits for nothing: a service calls another one within a call."""
    try:
        answering.send(None)
    except StopIteration:
        return
    answering.close()
    raise RuntimeError("a service waits for another within a call of its own")


def _make_threads_actors(world: World) -> None:
    """Let ministack's threads, and those of our patches, be actors."""
    threading = Threading(lambda: world.scheduler if _inside.here() is not None else None)
    for name, module in sorted(sys.modules.items()):
        ours = name.startswith(("ministack.", "local.patches"))
        if ours and isinstance(module.__dict__.get("threading"), ModuleType):
            module.__dict__["threading"] = threading
