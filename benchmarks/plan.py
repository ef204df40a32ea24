"""Measures `thing-registration plan` without the download of the state: time and memory.

    python -m benchmarks.plan [LINES]

The file is checked and compared as the command does it, beside the worker's own comparison of the
same file. The memory is the largest sum over all processes. The lines are those of
benchmarks/compare.py.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.compare import TEMPLATE, csr, write_file, write_state
from benchmarks.compare import compare as compared_by_the_worker

from thing_registration import InputFile, ProvisioningTemplate, check
from thing_registration.deployed.asset_hash import asset_hash
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import compare
from thing_registration_worker.state import pages

TURNS = 3
_SAMPLE_SECONDS = 0.05


def main() -> None:
    """Print a line for each turn, with few and with many changed lines."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signed = csr()
        write_file(folder / "before", lines, 0, signed)
        write_state(folder / "before", folder / "state.sqlite")
        (folder / "before").unlink()
        for changed in (lines // 10_000, lines // 100, lines):
            write_file(folder / "devices.jsonl", lines, changed, signed)
            for _ in range(TURNS if changed < lines else 1):
                turn(folder, lines)
        (folder / "empty").touch()
        write_state(folder / "empty", folder / "state.sqlite")
        turn(folder, lines)


def turn(folder: Path, lines: int) -> None:
    """Print one turn."""
    memory = _Memory()
    began, used = time.monotonic(), _cpu_seconds()
    path = folder / "devices.jsonl"
    verdict = check(
        ProvisioningTemplate.from_string(TEMPLATE), InputFile.from_file(path), certificates=False
    )
    assert not verdict.error_count, verdict
    asset_hash(path)
    checked, cpu_of_check = time.monotonic() - began, _cpu_seconds() - used
    db = pages.load(folder / "state.sqlite")
    found = compare(Comparand(TEMPLATE, path, "devices.jsonl"), db)
    seconds, cpu = time.monotonic() - began, _cpu_seconds() - used
    peak = memory.end()
    db.close()
    worker = compared_by_the_worker(path, folder / "state.sqlite")["seconds"]
    counts = ", ".join(f"{count:,} {kind}" for kind, count in found.counts.items() if count)
    print(
        f"{lines:,} lines, {counts}: {seconds:.1f} s (check {checked:.1f} s), "
        f"CPU {cpu:.1f} s (check {cpu_of_check:.1f} s), worker's CPU {worker:.1f} s, "
        f"ratio {cpu / worker:.2f}, peak {peak:.0f} MiB",
        flush=True,
    )


class _Memory:
    """The largest resident memory of this process and its children together, in MiB."""

    def __init__(self) -> None:
        self._peak, self._ends = 0.0, False
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()

    def end(self) -> float:
        """Stop, and return the peak."""
        self._ends = True
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        own = os.getpid()
        while not self._ends:
            children = Path(f"/proc/{own}/task").glob("*/children")
            ids = [own, *(int(one) for file in children for one in file.read_text().split())]
            self._peak = max(self._peak, sum(map(_resident_mib, ids)))
            time.sleep(_SAMPLE_SECONDS)


def _resident_mib(process: int) -> float:
    try:
        pages_used = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages_used * resource.getpagesize() / 1024 / 1024


def _cpu_seconds() -> float:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, whose))


if __name__ == "__main__":
    main()
