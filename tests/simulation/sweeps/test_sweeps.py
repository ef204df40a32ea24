"""Each call of each scenario goes wrong once, in each way: what must hold does.

`make sweep` runs this, `make sweep FULL=1` with each fault at each call; SCENARIO, CALL and FAULT
replay one life.
"""

from __future__ import annotations

import os

import pytest

from tests.simulation.declared import Assembly
from tests.simulation.sweeps.scenarios import SCENARIOS
from tests.simulation.sweeps.sweep import Strike, Sweep, each_kind_in_turn, every_call

pytestmark = pytest.mark.slow

FULL = bool(os.environ.get("FULL"))
SEED = int(os.environ.get("SEED", "0"))
WANTED = os.environ.get("SCENARIO")


@pytest.mark.parametrize("name", [WANTED] if WANTED else sorted(SCENARIOS))
def test_whatever_goes_wrong_at_a_call_what_must_hold_does(assembly: Assembly, name: str) -> None:
    sweep = Sweep(assembly, name, seed=SEED)
    if os.environ.get("CALL"):
        one = Strike(int(os.environ["CALL"]), os.environ["FAULT"])
        outcomes = sweep.run(lambda calls: [one])
    else:
        outcomes = sweep.run(every_call if FULL else each_kind_in_turn(name))

    missed = [strike for strike, outcome in outcomes.items() if not outcome.struck]
    assert missed == ["without faults"]
    failed = {strike: outcome.failure for strike, outcome in outcomes.items() if outcome.failure}
    for strike, failure in list(failed.items())[:3]:
        print(f"\nmake sweep SCENARIO={name} SEED={SEED} {strike}\n{failure}")
    print(f"{len(outcomes)} lives of {name}")
    assert not failed, f"{len(failed)} of {len(outcomes)} lives: {list(failed)}"
