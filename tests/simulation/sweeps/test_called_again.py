"""Two copies of one call at once: the worker is called again while the first one goes on."""

import pytest

from tests.simulation.assembly import Assembly
from tests.simulation.sweeps.faults import CALLED_AGAIN
from tests.simulation.sweeps.sweep import Strike, Sweep

pytestmark = pytest.mark.slow


@pytest.mark.xfail(
    strict=True,
    raises=AssertionError,
    reason="C1: two copies of a call count a part twice, or take each other for a newer request",
)
def test_a_worker_that_is_called_again_while_it_works_breaks_nothing(assembly: Assembly) -> None:
    sweep = Sweep(assembly, "more_lines")

    outcomes = sweep.run(
        lambda calls: [Strike(number, CALLED_AGAIN) for number in range(1, len(calls) + 1)]
    )

    failed = [strike for strike, outcome in outcomes.items() if outcome.failure]
    assert not failed
