"""Two calls of the worker at once: one whose execution was stopped, and its successor's.

StopExecution does not end a call of a Lambda that is under way.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.simulation import Call, SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.forks import Forks
from tests.simulation.invariants import assert_invariants
from tests.simulation.stacks import Stack

NewStack = Callable[[str], Stack]


class Interleaved:
    """Sends an Update while another is under way, and holds each further call of the first one.

    A call of the one that was stopped goes on when its successor has made another call, so that
    their calls alternate; Lambda ends it where that takes longer than its timeout.

    Args:
        by_hand: sends the successor.
        stack: whose fleet it is.
        at: the call of the first worker at which the successor is sent, from 1.
        when: before or after that call's effect.
    """

    def __init__(self, by_hand: ByHand, stack: Stack, at: int, when: str) -> None:
        self._by_hand, self._stack = by_hand, stack
        self._at, self._when = at, when
        self._calls = 0
        self._first_request = ""
        self.request = ""
        self.order: list[str] = []

    def __call__(self, call: Call) -> None:
        if not call.invocation.step:
            return
        request = call.invocation.event["request"]["RequestId"]
        self._first_request = self._first_request or request
        if request != self._first_request:
            self.order += ["successor"] if call.when == "after" else []
            return
        self._calls += call.when == "before"
        if not self.request and (self._calls, call.when) == (self._at, self._when):
            self.request = self._by_hand.supersede(self._stack)
        if self.request and call.when == self._when:
            self._wait_for_the_successor()
            self.order.append("first")

    def _wait_for_the_successor(self) -> None:
        made = len(self.order) - self.order.count("first")
        while len(self.order) - self.order.count("first") == made and not self._is_answered():
            self._by_hand.aws.sleep(0.1)

    def _is_answered(self) -> bool:
        return self.request in self._by_hand.answered()


def counted(aws: SimulatedAws, stack: Stack) -> int:
    """Update the stack, and return how many calls the worker made."""
    calls = 0

    def count(call: Call) -> None:
        nonlocal calls
        calls += bool(call.invocation.step) and call.when == "before"

    aws.listen(count)
    assert stack.update() == "UPDATE_COMPLETE"
    aws.listen(None)
    return calls


def test_the_calls_of_a_stopped_worker_and_of_its_successor_alternate(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    stack.declare_new_file()
    interleaved = Interleaved(by_hand, stack, at=1, when="before")
    aws.listen(interleaved)

    stack.update()

    by_hand.answer_to(interleaved.request)
    first = interleaved.order.index("first")
    assert interleaved.order[first : first + 5].count("first") == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_stopped_at_any_call_breaks_nothing_while_its_successor_works(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand, when: str
) -> None:
    stack.create()
    forks = Forks()
    calls: int | None = None

    def life() -> None:
        nonlocal calls
        if forks.branch("count"):
            pass
