"""Random lives, with a fresh seed in each run; `make lives STEPS=2000 SEED=…` lives more.

What fails is shortened and printed as the steps of a test.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from local.simulation import SimulatedAws
from tests.simulation.assembly import Assembly
from tests.simulation.lives.fleet_machine import FleetMachine
from tests.simulation.other_code import with_other_code
from tests.simulation.table import COUNTED

pytestmark = pytest.mark.slow

STEPS = int(os.environ.get("STEPS") or "300")
STEPS_OF_A_LIFE = 15
LIVES_OF_A_RUN = 10
PARTS = 4
# In one part of the lives each call does one thing and leaves the rest to the next; in another, AWS
# grants half of its quotas.
CODE = {PARTS - 1: {"timing.py": {"CALL_BUDGET = 20": "CALL_BUDGET = 0"}}}
QUOTAS = {PARTS - 2: 0.5}
PHASES = [Phase.generate] if os.environ.get("SHRINK") == "0" else [Phase.generate, Phase.shrink]


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_to_a_fleet_what_must_hold_does(
    assembly: Assembly, part: int, record_property: Callable[[str, object], None]
) -> None:
    begin = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    print(f"make lives STEPS={STEPS} SEED={begin}")
    with SimulatedAws():
        """The world is there before hypothesis looks at the process."""
    FleetMachine.assembly = with_other_code(assembly, CODE.get(part, {}))
    FleetMachine.quota = QUOTAS.get(part, 1.0)
    FleetMachine.steps = FleetMachine.operations = runs = 0

    while FleetMachine.steps < STEPS / PARTS:
        live(begin + part + PARTS * runs)
        runs += 1

    record_property(COUNTED, f"{FleetMachine.steps} steps, {FleetMachine.operations} deployments")
    assert FleetMachine.operations > 0


def live(number: int) -> None:
    """Live some lives."""
    run_state_machine_as_test(
        seed(number)(FleetMachine),
        settings=settings(
            max_examples=LIVES_OF_A_RUN,
            stateful_step_count=STEPS_OF_A_LIFE,
            deadline=None,
            database=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
