"""A scenario lived once for each call that goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.simulation import Call, HttpFailure, SimulatedAws
from tests.simulation.assembly import Assembly
from tests.simulation.by_hand import ByHand
from tests.simulation.forks import Forks, Outcome
from tests.simulation.stacks import Stack
from tests.simulation.sweeps.faults import FAULTS, Fault
from tests.simulation.sweeps.scenarios import SCENARIOS, Scene

#: A call's step (`OnEvent` for the function of that name), service and API.
Kind = tuple[str, str, str]
ON_EVENT = "OnEvent"


@dataclass(frozen=True)
class Strike:
    """A fault at one of the calls after a scenario's `yield`, counted from 1."""

    call: int
    fault: str

    def __str__(self) -> str:
        return f"CALL={self.call} FAULT={self.fault}"


#: Chooses strikes, from the calls of a life without faults.
Choose = Callable[[Sequence[Kind]], list[Strike]]


def every_call(calls: Sequence[Kind]) -> list[Strike]:
    """Each fault at each call."""
    return [Strike(number, fault) for number in range(1, len(calls) + 1) for fault in FAULTS]


def each_kind_in_turn(scenario: str) -> Choose:
    """An eighth of the faults at each kind of call: at its first, a middle or its last one.

    Which eighth depends on the scenario: together, the scenarios strike with each.
    """
    turn = sorted(SCENARIOS).index(scenario)

    def choose(calls: Sequence[Kind]) -> list[Strike]:
        strikes = []
        for index, kind in enumerate(dict.fromkeys(calls)):
            numbers = [number for number, each in enumerate(calls, 1) if each == kind]
            places = (numbers[0], numbers[len(numbers) // 2], numbers[-1])
            for number, fault in enumerate(FAULTS, index + turn):
                if number % 8 == 0:
                    strikes.append(Strike(places[number // 8 % 3], fault))
        return strikes

    return choose


def each_answer_lost(calls: Sequence[Kind]) -> list[Strike]:
    """The answer of each step's first, a middle and its last call is lost, or its worker dies."""
    strikes = []
    for step in dict.fromkeys(step for step, _, _ in calls):
        numbers = [number for number, each in enumerate(calls, 1) if each[0] == step]
        for number in dict.fromkeys((numbers[0], numbers[len(numbers) // 2], numbers[-1])):
            strikes += [Strike(number, "answer-lost"), Strike(number, "death-after")]
    return strikes


class Sweep:
    """One scenario under many strikes.

    Args:
        assembly: the synthesized stacks.
        name: of the scenario.
        size: of its fleets at first.
        seed: of all that is left to chance.
        quota: the registry's calls per second in multiples of AWS's quotas.
    """

    def __init__(
        self, assembly: Assembly, name: str, *, size: int = 3, seed: int = 0, quota: float = 1
    ) -> None:
        self._assembly = assembly
        self.name = name
        self._size = size
        self._seed = seed
        self._quota = quota
        self._forks = Forks()

    def run(self, choose: Choose) -> dict[str, Outcome]:
        """Live the scenario without faults, and a branch of it for each strike."""
        self._forks.live(lambda: self._live(choose))
        return self._forks.outcomes

    def journal(self) -> list[dict[str, Any]]:
        """Live the scenario without faults, and return what AWS has recorded."""
        with self._begun() as (scene, story):
            _finish(scene, story)
            return scene.aws.journal()

    def _live(self, choose: Choose) -> None:
        with self._begun() as (scene, story):
            self._go_on(scene, story, choose)

    @contextmanager
    def _begun(self) -> Iterator[tuple[Scene, Iterator[None]]]:
        """Live up to the scenario's `yield`."""
        with SimulatedAws(seed=self._seed, quota=self._quota) as aws, aws.inside():
            self._assembly.publish(aws)
            by_hand = ByHand(aws)
            scene = Scene(aws, by_hand, self._new_stack(aws), self._size)
            story = SCENARIOS[self.name](scene)
            next(story)
            yield scene, story

    def _go_on(self, scene: Scene, story: Iterator[None], choose: Choose) -> None:
        aws, forks = scene.aws, self._forks
        first = aws.calls
        if forks.branch("without faults"):
            calls: list[Kind] = []
            aws.listen(lambda call: _note(calls, call))
            _finish(scene, story)
            forks.told = calls
            return
        calm = forks.outcomes["without faults"]
        if calm.failure:
            return
        strikes: dict[int, list[Strike]] = {}
        assert isinstance(calm.told, list)
        for strike in choose(calm.told):
            strikes.setdefault(strike.call, []).append(strike)

        def branch(call: Call) -> HttpFailure | None:
            if call.when == "before":
                for strike in strikes.get(call.number - first, ()):
                    if forks.branch(str(strike)):
                        return self._strike(scene, call, FAULTS[strike.fault])
            return None

        aws.listen(branch)
        _finish(scene, story)

    def _strike(self, scene: Scene, call: Call, fault: Fault) -> HttpFailure | None:
        """Strike once, at this call."""

        def strike(now: Call) -> HttpFailure | None:
            if (now.number, now.when) != (call.number, fault.strikes):
                return None
            self._forks.struck = True
            scene.aws.listen(None)
            return fault.strike(scene, now)

        scene.aws.listen(strike)
        return strike(call)

    def _new_stack(self, aws: SimulatedAws) -> Callable[[str], Stack]:
        return lambda name: Stack(aws, name, self._assembly.templates[name], lambda status: None)


def _finish(scene: Scene, story: Iterator[None]) -> None:
    for _ in story:
        raise AssertionError("a scenario yields once")
    scene.aws.listen(None)
    for fleet in scene.fleets:
        fleet.check()


def _note(calls: list[Kind], call: Call) -> HttpFailure | None:
    if call.when == "before":
        calls.append((call.invocation.step or ON_EVENT, call.service, call.api))
    return None
