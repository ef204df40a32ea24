"""Random lives of a fleet: hypothesis chooses what happens next, and shortens a life that fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from local.simulation import Call, HttpFailure, SimulatedAws
from tests.simulation.assembly import Assembly
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet_life import Line
from tests.simulation.stacks import Stack
from tests.simulation.sweeps.faults import FAULTS
from tests.simulation.sweeps.scenarios import Scene

# What may happen to AWS during a deployment that has to succeed all the same.
BAD_DAYS: dict[str, dict[str, Any]] = {
    "a good day": {},
    "the event comes twice": {"duplicate_events": 1},
    "the event comes late": {"late_event_seconds": 100},
    "the answer is refused at first": {"answers": {"next": 2}},
    "a stranger has the slot": {"foreign_task_seconds": 90},
    "the slot is freed late": {"slot_freed_late_seconds": 60, "foreign_task_seconds": 20},
    "the role is not known yet": {"role": {"seconds": 20}},
    "reports are late": {"reports": {"empty_first": 2, "lines_per_link": 1}},
    "links appear one by one": {"reports": {"lines_per_link": 1, "links_each_seconds": 3}},
    "downloads break off": {"downloads": {"cut_after_bytes": 300, "next": 2}},
    "lines count from 0": {"reports": {"first_line_number": 0}},
    "lists lag": {"executions_lag_seconds": 30, "list_lag_seconds": 20},
    "the registry lags": {"registry_lag_seconds": 20},
    "detachments lag": {"detachment_lag_seconds": 8},
    "pages are small": {"page_size": 1},
    "one call in ten is throttled": {"calls": [{"code": "ThrottlingException", "rate": 0.1}]},
    "one call in ten fails": {"calls": [{"code": "InternalFailureException", "rate": 0.1}]},
    "Lambda refuses for minutes": {"lambda_refuses": {"seconds": 200}},
    "the lost start is listed late": {
        "calls": [{"api": "StartThingRegistrationTask", "what": "dropped", "next": 1}],
        "list_lag_seconds": 20,
    },
}
positions = st.integers(0, 7)


class FleetMachine(RuleBasedStateMachine):
    """A fleet with a stack and a person, who edits the file, deploys, cancels and destroys."""

    assembly: Assembly
    quota = 1.0
    steps = operations = 0

    @initialize(seed=st.integers(0, 999), deregister=st.sampled_from(["NEVER", "REMOVED_LINES"]))
    def begin(self, seed: int, deregister: str) -> None:
        """Begin with an account and a file of three devices."""
        self._aws = SimulatedAws(seed=seed, quota=self.quota).__enter__()
        with self._aws.inside():
            self.assembly.publish(self._aws)
            by_hand = ByHand(self._aws)
            self._scene = Scene(self._aws, by_hand, self._new_stack, 3)
            self._fleet = self._scene.fleet(deregister)
        self._gone: list[Line] = []
        self._is_tidy = deregister != "NEVER"
        # Known: a renamed line's key is not found again where the state is lost.
        self._is_renamed = self._is_lost = False

    @rule(count=st.integers(1, 3))
    def add(self, count: int) -> None:
        """New devices come."""
        with self._aws.inside():
            self._fleet.add(count)

    @precondition(lambda self: len(self._fleet.lines) > 1)
    @rule(position=positions)
    def remove(self, position: int) -> None:
        """A device leaves the file."""
        self._gone.append(self._fleet.remove(self._at(position)))

    @precondition(lambda self: self._gone)
    @rule()
    def come_back(self) -> None:
        """The device that left last is in the file again."""
        self._fleet.lines = [*self._fleet.lines, self._gone.pop()]

    @rule(position=positions, site=st.sampled_from(["attic", "cellar"]))
    def change(self, position: int, site: str) -> None:
        """A line changes."""
        self._fleet.change(self._at(position), Site=site)

    @precondition(lambda self: not self._is_lost)
    @rule(position=positions)
    def rename(self, position: int) -> None:
        """A device gets another name."""
        with self._aws.inside():
            self._fleet.change(self._at(position), ThingName=self._fleet.new()["ThingName"])
        self._is_renamed = True

    @rule(position=positions)
    def new_key(self, position: int) -> None:
        """A device gets another key."""
        with self._aws.inside():
            self._fleet.change(self._at(position), CSR=self._fleet.new()["CSR"])

    @rule(day=st.sampled_from(sorted(BAD_DAYS)))
    def deploy(self, day: str) -> None:
        """Deploy, on a good day or a bad one."""
        self._deploy(BAD_DAYS[day])

    @rule(call=st.integers(1, 110), fault=st.sampled_from(sorted(FAULTS)))
    def deploy_and_have_it_struck(self, call: int, fault: str) -> None:
        """Deploy, while a call of a Lambda goes wrong, or the user cancels in the middle of it."""
        first = self._aws.calls

        def strike(now: Call) -> HttpFailure | None:
            if (now.number - first, now.when) != (call, FAULTS[fault].strikes):
                return None
            self._aws.listen(None)
            return FAULTS[fault].strike(self._scene, now)

        self._aws.listen(strike)
        self._deploy({})
        self._aws.listen(None)

    @precondition(lambda self: self._fleet.accepted is not None)
    @rule()
    def roll_back(self) -> None:
        """Deploy in an update that is rolled back after our success."""
        with self._aws.inside():
            self._fleet.stack.declare(MaxFailures=f"0.{FleetMachine.operations + 1}%")
            self._fleet.roll_back()
        self._count()

    @precondition(lambda self: self._may_lose())
    @rule()
    def destroy(self) -> None:
        """Destroy the stack; the devices stay."""
        with self._aws.inside():
            self._fleet.delete()
        self._is_lost = True
        self._count()

    @precondition(lambda self: self._may_lose())
    @rule()
    def lose_the_state(self) -> None:
        """Somebody empties the bucket."""
        with self._aws.inside():
            self._fleet.lose_the_state()
        self._is_lost = True

    @rule()
    def grow_cold(self) -> None:
        """Lambda discards its execution environments."""
        self._aws.let_grow_cold()

    def teardown(self) -> None:
        """End the life."""
        if hasattr(self, "_aws"):
            self._aws.__exit__(None, None, None)

    def _may_lose(self) -> bool:
        return self._fleet.accepted is not None and not self._is_tidy and not self._is_renamed

    def _deploy(self, faults: Mapping[str, Any]) -> None:
        with self._aws.inside():
            self._aws.faults(**json.loads(json.dumps(faults)))
            # CloudFormation does nothing where no property has changed.
            self._fleet.stack.declare(MaxFailures=f"0.{FleetMachine.operations + 1}%")
            if self._fleet.accepted is None:
                self._fleet.create()
            else:
                self._fleet.update()
            self._aws.faults()
            self._fleet.is_interrupted = False
        self._is_renamed = self._is_lost = False
        self._count()

    def check_invariants(self, *arguments: Any, **named: Any) -> None:
        """Count a step; each operation has checked what must hold."""
        FleetMachine.steps += 1
        super().check_invariants(*arguments, **named)

    def _at(self, position: int) -> int:
        return position % len(self._fleet.lines)

    def _new_stack(self, name: str) -> Stack:
        return Stack(self._aws, name, self.assembly.templates[name], lambda status: None)

    @classmethod
    def _count(cls) -> None:
        FleetMachine.operations += 1
