"""Random lives of a stack under random faults: what must hold does, after each step.

RANDOM_LIVES sets how many lives of ten steps are lived, RANDOM_LIVES_SEED the seed of the first.
A failure prints the seed of its life, and its steps.
"""

import os
import random
from typing import Any

import pytest

from local import LocalAws
from tests.faults.by_hand import ByHand
from tests.faults.invariants import assert_invariants
from tests.faults.stacks import Stack

pytestmark = pytest.mark.slow

LIVES = int(os.environ.get("RANDOM_LIVES", "2"))
STEPS = 10

Faults = dict[str, Any]


def harmless(chance: random.Random) -> Faults:
    """Faults under which everything has to succeed all the same."""
    step = chance.choice(["Prepare", "Start", "Observe", "Finish", "Stop", "Answer"])
    what = chance.choice(["dies_before", "dies_after", "times_out", "out_of_memory"])
    code = chance.choice(["ThrottlingException", "InternalFailureException"])
    seed = chance.randrange(1000)
    return chance.choice(
        [
            {},
            {"duplicate_events": 1},
            {"answers": {"next": chance.randint(1, 2)}},
            {"lambdas": [{"payload": {"step": step}, "what": what, "next": chance.randint(1, 2)}]},
            {"lambdas": [{"function": "OnEvent", "what": what, "next": 1}]},
            {"calls": [{"code": code, "rate": chance.choice([0.1, 0.3])}], "seed": seed},
            {"foreign_task_seconds": chance.randint(1, 4)},
            {"role": {"seconds": chance.randint(1, 4)}},
            {"reports": {"empty_first": chance.randint(1, 3), "lines_per_link": 1}},
            {"page_size": 1},
            {"calls": [lost_start(chance)], "list_lag_seconds": chance.randint(1, 8)},
            {"executions_lag_seconds": 30, "list_lag_seconds": chance.randint(1, 8)},
            {"reports": {"lines_per_link": 1, "links_each_seconds": chance.randint(1, 3)}},
            {"downloads": {"cut_after_bytes": chance.randint(0, 900), "next": 2}},
            {"reports": {"first_line_number": 0}},
            {"slot_freed_late_seconds": 5, "foreign_task_seconds": 2},
            {"lambda_refuses": {"seconds": chance.randint(1, 8), "payload": {"step": step}}},
            {"late_event_seconds": chance.randint(1, 5)},
            {"passed_to_service_key": False},
        ]
    )


def lost_start(chance: random.Random) -> Faults:
    """A start whose answer is lost, with or without an effect."""
    what = {"api": "StartThingRegistrationTask", "what": "dropped", "next": 1}
    return {**what, "when": chance.choice(["before", "after"])}


def harmful(chance: random.Random) -> Faults:
    """Faults under which a task fails."""
    return chance.choice(
        [
            {"lines": [{"line": chance.randint(1, 3), "message": "no" * chance.randint(1, 9_999)}]},
            {"task": {"ends": "Failed", "after_lines": chance.randint(0, 2)}},
            {"task": {"ends": "Cancelled", "after_lines": chance.randint(0, 2)}},
            {"task": {"ends": "hangs"}, "cancelling_seconds": chance.randint(0, 3)},
            {"role": {"seconds": 600, "at": "task"}},
            {"task": {"success_count": chance.randint(0, 2), "failure_count": 0}},
        ]
    )


class Life:
    """One stack, from its creation on."""

    def __init__(self, aws: LocalAws, stack: Stack, chance: random.Random) -> None:
        self._aws = aws
        self._stack = stack
        self._chance = chance
        self._exists = False

    def step(self) -> None:
        """Do something that is possible now, and look whether it ended as it has to."""
        if not self._exists:
            fails = self._strike()
            status = self._stack.create()
            assert status == ("ROLLBACK_COMPLETE" if fails else "CREATE_COMPLETE")
            self._exists = not fails
            if fails:
                self._delete()
            return
        self._chance.choice([self._delete, *[self._update] * 3, self._touch, self._roll_back])()

    def _update(self) -> None:
        self._stack.declare_new_file()
        fails = self._strike()
        status = self._stack.update()
        assert status == ("UPDATE_ROLLBACK_COMPLETE" if fails else "UPDATE_COMPLETE")

    def _touch(self) -> None:
        """Change nothing that a task depends on: where the file is not registered, it is then."""
        self._stack.declare(MaxFailures=f"0.{self._chance.randint(1, 10**9)}%")
        self._tell("touch", {})
        assert self._stack.update() == "UPDATE_COMPLETE"

    def _roll_back(self) -> None:
        self._stack.declare_new_file()
        self._stack.declare_failing_resource()
        self._strike()
        assert self._stack.update() == "UPDATE_ROLLBACK_COMPLETE"
        del self._stack.template["Resources"]["Fails"]

    def _delete(self) -> None:
        faults = harmless(self._chance)
        self._tell("delete", faults)
        self._aws.faults(**faults)
        assert self._stack.delete() == "DELETE_COMPLETE"
        self._exists = False

    def _strike(self) -> bool:
        """Put faults in force; whether they make a task fail."""
        fails = self._chance.random() < 0.3
        faults = (harmful if fails else harmless)(self._chance)
        self._tell("deploy", faults)
        # A lost start is looked for longer than a minute; a task that hangs is not worth the wait.
        hangs = faults.get("task", {}).get("ends") == "hangs"
        self._stack.declare(TimeoutSeconds="10" if hangs else "150")
        self._aws.faults(**faults)
        return fails

    def _tell(self, what: str, faults: Faults) -> None:
        print(f"{what} under {str(faults)[:300]}")


@pytest.mark.parametrize("number", range(LIVES))
def test_whatever_happens_to_a_stack_what_must_hold_does(
    aws: LocalAws, stack: Stack, by_hand: ByHand, number: int
) -> None:
    first = os.environ.get("RANDOM_LIVES_SEED")
    seed = int(first) + number if first else random.SystemRandom().randrange(10**6)
    print(f"RANDOM_LIVES_SEED={seed} RANDOM_LIVES=1")
    life = Life(aws, stack, random.Random(seed))
    for _ in range(STEPS):
        life.step()
        assert_invariants(aws, by_hand)
