"""Two calls of the worker at once: one whose execution was stopped, and its successor's.

StopExecution does not end a call of a Lambda that is under way.
"""

from __future__ import annotations

import os
from itertools import pairwise

import pytest

from local.simulation import Call, SimulatedAws
from local.simulation.invocations import Invocation
from tests.simulation.assembly import Assembly
from tests.simulation.by_hand import ByHand
from tests.simulation.forks import Forks
from tests.simulation.invariants import assert_invariants
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

FULL = bool(os.environ.get("FULL"))


class Interleaved:
    """Sends an Update while another is under way, and holds each further call of the first one.

    A call of the one that was stopped goes on when its successor has made another call, so that
    their calls alternate; or else a second before Lambda ends it.

    Args:
        by_hand: sends the successor.
        aws: the world.
        stack: whose fleet it is.
        at: the call of the first worker at which the successor is sent, from 1.
        when: before or after that call's effect.
    """

    def __init__(
        self, by_hand: ByHand, aws: SimulatedAws, stack: Stack, at: int, when: str
    ) -> None:
        self._by_hand, self._aws, self._stack = by_hand, aws, stack
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
            self._wait_for_the_successor(call.invocation)
            self.order.append("first")

    def _wait_for_the_successor(self, first: Invocation) -> None:
        made = self.order.count("successor")
        while self.order.count("successor") == made and first.seconds_left > 1:
            self._aws.sleep(min(0.1, first.seconds_left - 1))


def test_the_calls_of_a_stopped_worker_and_of_its_successor_alternate(
    aws: SimulatedAws, stack: Stack, by_hand: ByHand
) -> None:
    stack.create()
    stack.declare_new_file()
    interleaved = Interleaved(by_hand, aws, stack, at=9, when="before")
    aws.listen(interleaved)

    stack.update()

    until("the successor", lambda: interleaved.request, bool)
    by_hand.answer_to(interleaved.request)
    order = interleaved.order
    held = order[order.index("first") : len(order) - order[::-1].index("first")]
    assert held.count("first") > 2
    assert ("first", "first") not in pairwise(held)


def test_a_worker_that_is_stopped_at_any_call_breaks_nothing_while_its_successor_works(
    assembly: Assembly,
) -> None:
    """It is stopped at every third call, before or after its effect; with FULL=1 at each."""
    forks = Forks()

    def life() -> None:
        with SimulatedAws() as aws, aws.inside():
            assembly.publish(aws)
            by_hand = ByHand(aws)
            stack = Stack(aws, "Fleet", assembly.templates["Fleet"], lambda status: None)
            stack.create()
            stack.declare_new_file()
            calls = 0

            def branch(call: Call) -> None:
                nonlocal calls
                if not call.invocation.step or call.when != "before":
                    return
                calls += 1
                when = ("before", "after")[calls % 2]
                place = f"stopped {when} call {calls}, {call.invocation.step} {call.api}"
                if (FULL or calls % 3 == 0) and forks.branch(place):
                    interleaved = Interleaved(by_hand, aws, stack, at=1, when=when)
                    aws.listen(interleaved)
                    forks.told = interleaved
                    interleaved(call)

            aws.listen(branch)
            stack.update()
            if forks.is_child:
                interleaved, forks.told = forks.told, None
                assert isinstance(interleaved, Interleaved)
                until("the successor", lambda: interleaved.request, bool)
                answer = by_hand.answer_to(interleaved.request)
                assert answer["Status"] == "SUCCESS", answer
                forks.struck = "first" in interleaved.order
                aws.listen(None)
                assert_invariants(aws, by_hand)

    forks.live(life)

    assert len(forks.outcomes) > 20
    failed = {name: outcome.failure for name, outcome in forks.outcomes.items() if outcome.failure}
    for name, failure in list(failed.items())[:2]:
        print(f"{name}\n{failure}")
    assert not failed, list(failed)
    assert all(outcome.struck for outcome in forks.outcomes.values())
