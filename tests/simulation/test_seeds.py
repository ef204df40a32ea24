"""One seed is one life of a whole deployment, in every process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.assembly import Assembly

pytestmark = pytest.mark.slow

LIFE = """
import pickle, sys
from pathlib import Path
from tests.simulation.ordinals import with_ordinals
from tests.simulation.sweeps.sweep import Sweep

sweep = Sweep(pickle.loads(Path(sys.argv[1]).read_bytes()), "retire", seed=int(sys.argv[2]))
print(with_ordinals(sweep.journal()))
"""


def test_one_seed_is_one_life_in_two_processes_and_another_seed_is_another(
    assembly: Assembly, tmp_path: Path
) -> None:
    kept = tmp_path / "assembly.pickle"
    kept.write_bytes(pickle.dumps(assembly))

    def live(seed: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", LIFE, str(kept), str(seed)],
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first, second, another = live(1), live(1), live(2)

    assert first.count("\n") > 20
    assert first == second
    assert first != another
