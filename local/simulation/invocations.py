"""Lambda in the world: execution environments, cold and warm, timeouts, and deaths."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc

from local.simulation.actors import Actor, ProcessState, Scheduler
from local.simulation.death import Death
from local.simulation.lambda_code import Modules, asset

# A first invocation imports the function and boto3.
_COLD_START_SECONDS = 0.4
_RESERVED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")


@dataclass(eq=False)
class Invocation(Actor):
    """One invocation of a function.

    Attributes:
        function: the function's name.
        event: what it was given.
        number: counts the invocations of all functions, from 1.
        deadline: when Lambda ends it, on the loop's clock.
        is_listened_to: whether a listener has one of its calls in hand.
        answer_is_lost: whether its caller is told of an error, although it does all its work.
    """

    function: str = ""
    event: Any = None
    number: int = 0
    deadline: float = 0.0
    is_listened_to: bool = False
    answer_is_lost: bool = False
    clock: Callable[[], float] = field(default=lambda: 0.0, repr=False)
    answer: Callable[[dict[str, Any]], None] = field(default=lambda _: None, repr=False)

    def die(self, death: Death) -> None:
        """End it: its caller is told at once, and each further call of it raises."""
        self.death = death
        self.answer(_error(death.error_type, str(death)))

    def give_up(self) -> None:
        """Tell its caller of an error, while it goes on: the caller may call again."""
        self.answer(_error("Lambda.SdkClientException", "the connection to Lambda was lost"))

    @property
    def seconds_left(self) -> float:
        """Return how long Lambda lets it go on."""
        return max(0.0, self.deadline - self.clock())

    @property
    def step(self) -> str:
        """Return the step of a worker; empty for another function."""
        step = self.event.get("step") if isinstance(self.event, dict) else None
        return str(step or "")


@dataclass(eq=False)
class _Environment:
    """The function's modules, process and files, which are kept while they are warm."""

    process: ProcessState
    modules: Modules
    handler: Any = None
    is_busy: bool = False
    scratch: str = field(default="")
    made_by: int = field(default_factory=os.getpid)

    def discard(self) -> None:
        self.modules.forget()
        # A process that was forked leaves the files to the one that goes on.
        if self.made_by == os.getpid():
            shutil.rmtree(self.scratch, ignore_errors=True)


@dataclass(frozen=True)
class Context:
    """What a handler is given beside the event.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str
    function_name: str
    remaining: Callable[[], float]

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return int(self.remaining() * 1000)


class Invocations:
    """All execution environments.

    Args:
        scheduler: runs the invocations.
        host_environment: what each function finds in its environment beside its own variables.
    """

    def __init__(self, scheduler: Scheduler, host_environment: Mapping[str, str]) -> None:
        self.scheduler = scheduler
        self._host_environment = host_environment
        self._environments: dict[object, list[_Environment]] = {}
        self.count = 0

    def apply(self) -> None:
        """Let ministack run functions here; once per process."""
        lambda_svc._execute_function_warm = self._execute

    def clear(self) -> None:
        """Discard everything."""
        for environments in self._environments.values():
            for environment in environments:
                environment.discard()
        self._environments.clear()
        self.count = 0

    def let_grow_cold(self) -> None:
        """Discard the environments that are not busy, as Lambda does from time to time."""
        for key, environments in self._environments.items():
            for environment in environments:
                if not environment.is_busy:
                    environment.discard()
            self._environments[key] = [each for each in environments if each.is_busy]

    def _execute(self, function: Mapping[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """Invoke a function and wait for its end; what ministack calls, with its answer's shape."""
        config, archive = function.get("config") or function, function["code_zip"]
        environment = self._environment(config, archive)
        self.count += 1
        loop, name = self.scheduler.loop, config.get("FunctionName", "unknown")
        timeout = float(config.get("Timeout", 3))
        invocation = Invocation(
            f"{name} {self.count}", environment.process, function=name, event=event
        )
        invocation.number, invocation.deadline = self.count, loop.time() + timeout
        invocation.clock = loop.time
        outcome: asyncio.Future[dict[str, Any]] = loop.create_future()
        environment.process.output = log = io.StringIO()

        def end(answer: dict[str, Any]) -> None:
            if not outcome.done():
                outcome.set_result({**answer, "log": log.getvalue()})

        invocation.answer = end

        def run() -> None:
            try:
                context = Context(request_id, name, lambda: invocation.seconds_left)
                body = self._call(environment, config, invocation, context)
                lost = _error("Sandbox.Timedout", "the answer is lost")
                end(lost if invocation.answer_is_lost else {"body": body})
            except Exception as error:  # noqa: BLE001 - a function may raise anything
                if invocation.death is None:
                    traceback.print_exception(error, file=sys.stdout)
                end(_error(type(error).__name__, str(error)))
            finally:
                timer.cancel()
                environment.is_busy = False
                if invocation.death is not None:
                    self._drop(environment)

        late = Death(f"Task timed out after {timeout:.2f} seconds", "Sandbox.Timedout")
        timer = loop.call_later(timeout, invocation.die, late)
        self.scheduler.spawn(invocation, run)
        answer: dict[str, Any] = self.scheduler.wait(outcome)
        return answer

    def _call(
        self,
        environment: _Environment,
        config: Mapping[str, Any],
        invocation: Invocation,
        context: Context,
    ) -> Any:
        if environment.handler is None:
            self.scheduler.sleep(_COLD_START_SECONDS)
            environment.handler = environment.modules.handler(config.get("Handler", ""))
        result = environment.handler(json.loads(json.dumps(invocation.event)), context)
        return json.loads(json.dumps(result))

    def _environment(self, config: Mapping[str, Any], archive: bytes) -> _Environment:
        key = (config.get("FunctionArn"), config.get("CodeSha256"), config.get("RevisionId"))
        kept = self._environments.setdefault(key, [])
        environment = next((each for each in kept if not each.is_busy), None)
        if environment is None:
            scratch = tempfile.mkdtemp(prefix="lambda-")
            process = ProcessState(self._variables(config, scratch), io.StringIO(), scratch)
            environment = _Environment(process, Modules(asset(archive)), scratch=scratch)
            kept.append(environment)
        environment.is_busy = True
        # The role's session is registered anew: ministack forgets sessions at a reset.
        execution_credentials(dict(config))
        return environment

    def _variables(self, config: Mapping[str, Any], scratch: str) -> dict[str, str]:
        own = config.get("Environment", {}).get("Variables", {})
        return {
            **self._host_environment,
            **{name: value for name, value in own.items() if name not in _RESERVED},
            **execution_credentials(dict(config)),
            "AWS_LAMBDA_FUNCTION_NAME": config.get("FunctionName", ""),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "TMPDIR": scratch,
        }

    def _drop(self, environment: _Environment) -> None:
        for kept in self._environments.values():
            if environment in kept:
                kept.remove(environment)
        environment.discard()


def _error(error_type: str, message: str) -> dict[str, Any]:
    return {"body": {"errorType": error_type, "errorMessage": message}, "error": True}
