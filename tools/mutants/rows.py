"""Run rows of the simulated AWS against one mutant of the Lambda's package.

The stacks are synthesized once; in a fork, their packages get the mutated file, and a few rows run
that go through every step. No file is changed.
"""

from __future__ import annotations

import gc
import io
import os
import shutil
import signal
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.run import QUIET

PACKAGE = "lambda/"
# All steps, their deaths, refusals of AWS, and what is registered, retired and deleted in the end.
SIMULATION = "tests/simulation/"
ROWS = (
    "fleet/test_changes.py::test_new_and_known_devices_of_one_deployment_go_into_two_files",
    "fleet/test_changes.py::test_a_line_that_fails_is_named_by_its_number_in_the_users_file",
    "test_dying_workers.py::test_a_worker_that_dies_once_in_each_step_carries_on",
    "test_slot.py::test_a_slot_that_is_busy_is_waited_for",
    "test_updates.py::test_an_update_while_one_runs_stops_it_and_registers_the_newest_file",
    "test_updates.py::test_an_update_that_cloudformation_gives_up_is_superseded_by_its_rollback",
    "bad_days/test_starts.py::test_a_lost_start_that_the_list_shows_late_is_not_made_again",
    "bad_days/test_moves.py::test_reports_and_record_move_with_the_prefix_and_nothing_is_registered_again",
    "removal/test_retirement.py::test_a_line_that_returns_brings_its_certificate_back",
    "removal/test_deletion.py::test_retired_devices_are_deleted_too",
)

_made: list[Any] = []


def preload() -> None:
    """Synthesize the stacks, and begin a world that every fork has."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    from local.simulation import SimulatedAws
    from tests.simulation import declared

    folder = Path(tempfile.mkdtemp())
    _made.append(declared.synthesize(folder))
    shutil.rmtree(folder)
    with SimulatedAws():
        pass
    gc.freeze()


def passes(path: str, source: str, limit: int) -> bool:
    """Return whether all rows pass with this source of a file, within so many seconds."""
    child = os.fork()
    if child == 0:
        signal.alarm(limit)
        os._exit(_run(path, source))
    return os.waitpid(child, 0)[1] == 0


def _run(path: str, source: str) -> int:
    if "VERBOSE" not in os.environ:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    from tests.simulation import declared

    (assembly,) = _made
    name = path.removeprefix(PACKAGE)
    assets = {key: _mutated(body, name, source) for key, body in assembly.assets.items()}
    mutant = replace(assembly, assets=assets)
    declared.synthesize = lambda folder: mutant
    return int(pytest.main([*QUIET, *(f"{SIMULATION}{row}" for row in ROWS)]))


def _mutated(asset: bytes, name: str, source: str) -> bytes:
    """Return an asset with another source in a file of it; unchanged without such a file."""
    if not source or not zipfile.is_zipfile(io.BytesIO(asset)):
        return asset
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(asset)) as old, zipfile.ZipFile(made, "w") as new:
        for path in old.namelist():
            new.writestr(path, source if path == name else old.read(path))
    return made.getvalue()
