"""The workers of a simulated AWS: how often each step is called, slow calls, and lost answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from local.simulation import Call, SimulatedAws


@dataclass(frozen=True)
class _Slow:
    """Calls of an API that take long: in all invocations of a step, or in the first so many."""

    step: str
    api: str
    seconds: float
    invocations: int


class Watch:
    """Listens to the calls of the workers, from when it is made until another one is.

    Attributes:
        calls: how many AWS calls each step has made.
    """

    def __init__(self, aws: SimulatedAws) -> None:
        self.calls: dict[str, int] = defaultdict(int)
        self._aws = aws
        self._invocations: dict[str, list[int]] = defaultdict(list)
        self._slow: list[_Slow] = []
        self._lost: tuple[str, int] | None = None
        aws.listen(self)

    def invocations(self, step: str) -> int:
        """Return how often a step was called, with the repeated calls."""
        return len(self._invocations[step])

    def slow(self, step: str, api: str, seconds: float, invocations: int = 1_000_000) -> None:
        """Let each call of an API take so long, in the first so many invocations of a step."""
        self._slow.append(_Slow(step, api, seconds, invocations))

    def lose_answer(self, step: str, number: int) -> None:
        """Lose what the so-manyth invocation of a step returns, after it has run in full."""
        self._lost = (step, number)
        if number == 1:
            self._lose_next()

    def stop(self) -> None:
        """Watch, slow and lose no more."""
        self._aws.listen(None)

    def __call__(self, call: Call) -> None:
        """Be told of a call."""
        step, number = call.invocation.step, call.invocation.number
        if call.when == "after":
            return
        self.calls[step] += 1
        if number not in self._invocations[step]:
            self._invocations[step].append(number)
            if self._lost == (step, len(self._invocations[step]) + 1):
                self._lose_next()
        for slow in self._slow:
            place = self._invocations[step].index(number)
            if (slow.step, slow.api) == (step, call.api) and place < slow.invocations:
                self._aws.sleep(slow.seconds)

    def _lose_next(self) -> None:
        assert self._lost is not None
        fault = {"payload": {"step": self._lost[0]}, "what": "dies_after", "next": 1}
        self._aws.faults(lambdas=[fault])
