"""Each call of each scenario goes wrong once, in each way: what must hold does.

`make sweep` runs this, `make sweep FULL=1` with each fault at each call; SCENARIO, CALL and FAULT
replay one life.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.simulation.assembly import Assembly
from tests.simulation.other_code import with_other_code
from tests.simulation.sweeps.scenarios import SCENARIOS
from tests.simulation.sweeps.sweep import (
    Choose,
    Strike,
    Sweep,
    each_answer_lost,
    each_kind_in_turn,
    every_call,
)
from tests.simulation.table import COUNTED

pytestmark = pytest.mark.slow

FULL = bool(os.environ.get("FULL"))
SEED = int(os.environ.get("SEED", "0"))
WANTED = os.environ.get("SCENARIO")
# So many that a step needs several calls.
MANY = 300


@pytest.mark.parametrize("name", [WANTED] if WANTED else sorted(SCENARIOS))
def test_whatever_goes_wrong_at_a_call_what_must_hold_does(
    assembly: Assembly, name: str, record_property: Callable[[str, object], None]
) -> None:
    choose = every_call if FULL else each_kind_in_turn(name)
    run(Sweep(assembly, name, seed=SEED), choose, record_property)


@pytest.mark.skipif(not FULL, reason="takes half an hour: make sweep FULL=1")
@pytest.mark.parametrize("name", [WANTED] if WANTED else sorted(SCENARIOS))
def test_whatever_goes_wrong_in_a_fleet_whose_steps_need_several_calls_what_must_hold_does(
    assembly: Assembly, name: str, record_property: Callable[[str, object], None]
) -> None:
    run(Sweep(assembly, name, size=MANY, seed=SEED), each_answer_lost, record_property)


@pytest.mark.skipif(not FULL, reason="takes half an hour: make sweep FULL=1")
@pytest.mark.parametrize("name", [WANTED] if WANTED else sorted(SCENARIOS))
def test_whatever_goes_wrong_where_each_call_does_one_thing_what_must_hold_does(
    assembly: Assembly, name: str, record_property: Callable[[str, object], None]
) -> None:
    """And AWS grants half of its quotas."""
    hasty = with_other_code(assembly, {"timing.py": {"CALL_BUDGET = 20": "CALL_BUDGET = 0"}})
    run(Sweep(hasty, name, seed=SEED, quota=0.5), each_answer_lost, record_property)


def run(sweep: Sweep, choose: Choose, record_property: Callable[[str, object], None]) -> None:
    """Live a scenario with all strikes that are chosen, or with the one that is asked for."""
    one = os.environ.get("CALL")
    wanted = [Strike(int(one), os.environ["FAULT"])] if one else None
    outcomes = sweep.run(choose if wanted is None else lambda calls: wanted)

    missed = [strike for strike, outcome in outcomes.items() if not outcome.struck]
    assert missed == ["without faults"]
    failed = {strike: outcome.failure for strike, outcome in outcomes.items() if outcome.failure}
    name = sweep.name
    for strike in list(failed)[:3]:
        print(f"\nmake sweep SCENARIO={name} SEED={SEED} {strike}\n{failed[strike]}")
    record_property(COUNTED, f"{len(outcomes)} lives")
    assert not failed, f"{len(failed)} of {len(outcomes)} lives: {list(failed)}"
