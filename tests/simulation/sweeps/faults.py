"""What can go wrong at a call of a Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from local.simulation import Call, Death, HttpFailure

if TYPE_CHECKING:
    from tests.simulation.sweeps.scenarios import Scene

# How long a call takes that goes on although its execution was stopped: less than Lambda allows.
_HELD_SECONDS = 60.0
# How long a call takes beside that of the worker that was called again.
_BESIDE_SECONDS = 3.0


class Fault:
    """One fault at one call.

    Attributes:
        strikes: whether it strikes before or after the call's effect.
        may_cancel: whether what is under way may be rolled back.
    """

    def __init__(
        self,
        strike: Callable[[Scene, Call], HttpFailure | None],
        strikes: str = "before",
        *,
        may_cancel: bool = False,
    ) -> None:
        self.strike = strike
        self.strikes = strikes
        self.may_cancel = may_cancel


def _die(scene: Scene, call: Call) -> HttpFailure | None:
    raise Death(f"by the test, at {call.api}")


def _throttle(scene: Scene, call: Call) -> HttpFailure | None:
    if call.service in ("s3", "http"):
        return HttpFailure("SlowDown", "Please reduce your request rate.", 503)
    return HttpFailure("ThrottlingException", "Rate exceeded", 400)


def _fail(scene: Scene, call: Call) -> HttpFailure | None:
    code = "InternalFailureException" if call.service == "iot" else "InternalError"
    return HttpFailure(code, "We encountered an internal error. Please try again.", 500)


def _drop(scene: Scene, call: Call) -> HttpFailure | None:
    return HttpFailure()


def _lose_answer(scene: Scene, call: Call) -> HttpFailure | None:
    call.invocation.answer_is_lost = True
    return None


def _call_again(scene: Scene, call: Call) -> HttpFailure | None:
    """The caller does not hear of it, and calls again while it goes on."""
    call.invocation.give_up()
    scene.aws.sleep(_BESIDE_SECONDS)
    return None


def _cancel(scene: Scene, call: Call) -> HttpFailure | None:
    """The user cancels, and the call goes on while the rollback works."""
    scene.interrupt()
    for fleet in scene.fleets:
        fleet.stack.cancel()
    scene.aws.sleep(min(_HELD_SECONDS, call.invocation.seconds_left - 1))
    return None


FAULTS = {
    "death-before": Fault(_die),
    "death-after": Fault(_die, "after"),
    "throttled": Fault(_throttle),
    "failed-before": Fault(_fail),
    "failed-after": Fault(_fail, "after"),
    "dropped-before": Fault(_drop),
    "dropped-after": Fault(_drop, "after"),
    "answer-lost": Fault(_lose_answer),
    "called-again": Fault(_call_again),
    "cancelled-before": Fault(_cancel, may_cancel=True),
    "cancelled-after": Fault(_cancel, "after", may_cancel=True),
}
