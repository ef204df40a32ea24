"""The network of the world: each AWS call takes time, and a test may strike those of a Lambda."""

from __future__ import annotations

import math
import random
from typing import Any

from botocore.exceptions import ReadTimeoutError

from local.patches.call_faults import failure_reply
from local.simulation.actors import Scheduler
from local.simulation.calls import Call, HttpFailure, Listener
from local.simulation.death import Death
from local.simulation.invocations import Invocation
from local.simulation.wire import (
    Exchange,
    link_exchange,
    opened,
    request_exchange,
    response,
)

# What the worker takes for a line that it reads and compares (`benchmarks/update.py`).
_SECONDS_PER_LINE = 40e-6
_SLOW_CALLS = 0.01


class Network:
    """Leads requests to the application.

    Args:
        gateway: the application.

    Attributes:
        listener: is told of each call of a Lambda; None: nobody.
        calls: how many calls Lambdas have made.
    """

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway

    def begin(self, scheduler: Scheduler, seed: int) -> None:
        """Begin a new life."""
        self.scheduler = scheduler
        self.listener: Listener | None = None
        self.calls = 0
        self._latency = random.Random(f"{seed} latency")

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
        actor = self.scheduler.current
        return isinstance(actor, Invocation) and not actor.is_listened_to

    def _call(self, exchange: Exchange, service: str, api: str, timeout: float) -> None:
        """Carry out a call of a Lambda: it takes time, and a test may strike it."""
        invocation = self.scheduler.current
        assert isinstance(invocation, Invocation)
        invocation.check_alive()
        self.calls += 1
        number, there, back = self.calls, self._seconds(), self._seconds()
        if there > timeout:
            self.scheduler.sleep(timeout)
            raise ReadTimeoutError(endpoint_url=exchange.url)
        self.scheduler.sleep(there)
        if not self._strike(exchange, Call(number, service, api, invocation, "before")):
            self._carry_out(exchange)
            self._strike(exchange, Call(number, service, api, invocation, "after"))
        if there + back > timeout:
            self.scheduler.sleep(timeout - there)
            raise ReadTimeoutError(endpoint_url=exchange.url)
        self.scheduler.sleep(back)

    def _strike(self, exchange: Exchange, call: Call) -> bool:
        """Tell the listener of a call; return whether it has answered in AWS's place."""
        if self.listener is None:
            return False
        call.invocation.is_listened_to = True
        try:
            failure = self.listener(call)
        except Death as death:
            call.invocation.die(death)
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
        exchange.is_dropped = failure.code is None
        if failure.code is None:
            exchange.answer(0, {}, b"")
        else:
            service = call.service if call.service != "http" else "s3"
            exchange.answer(*failure_reply(service, failure.code, failure.message, failure.status))

    def _carry_out_slowly(self, exchange: Exchange) -> None:
        """Carry out a call of a service to another, or of a test, which takes no time."""
        if self.scheduler.current is not None:
            self.scheduler.sleep(self._seconds())
        self._carry_out(exchange)

    def _carry_out(self, exchange: Exchange) -> None:
        """Let the services answer."""
        answering = exchange.run(self._gateway)
        if self.scheduler.current is not None:
            self.scheduler.wait(self.scheduler.loop.create_task(answering))
        elif self.scheduler.loop.is_running():
            _step_through(answering)
        else:
            self.scheduler.loop.run_until_complete(answering)

    def _read(self, content: bytes) -> None:
        """Let the time pass that a Lambda needs for the lines that it reads."""
        invocation = self.scheduler.current
        if isinstance(invocation, Invocation):
            invocation.check_alive()
            lines = content.count(b"\n")
            if lines:
                self.scheduler.sleep(lines * _SECONDS_PER_LINE)

    def _seconds(self) -> float:
        """Return how long one way of a call takes: 10 to 300 ms both ways, sometimes seconds."""
        if self._latency.random() < _SLOW_CALLS:
            return self._latency.uniform(0.5, 3)
        return 0.005 * math.exp(math.log(30) * self._latency.random())


def _step_through(answering: Any) -> None:
    """Run a coroutine that waits for nothing: a service calls another one within a call."""
    try:
        answering.send(None)
    except StopIteration:
        return
    answering.close()
    raise RuntimeError("a service waits for another within a call of its own")
