"""Reads a large file with one process for each core.

The processes are started as plain Python programs: a CDK app has a Node process and threads that
a fork would copy, and `multiprocessing` would run an app.py without `__main__` guard again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import msgspec

from thing_registration.checks.fast.process import END_OF_PROGRESS, ByteRange
from thing_registration.checks.fast.scan import Progress
from thing_registration.checks.fast.scan_result import ScanResult, merged
from thing_registration.checks.parameter_uses import ParameterUses

_SOURCE_ROOT = Path(__file__).parents[3]
# Without `site` (-S), which only finds the path that is given here, and takes as long as the rest.
# Ctrl-C reaches these processes, too: they end in silence, and this one says so.
_PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); sys.path[:] = sys.argv[1:];"
    "from thing_registration.checks.fast.process import main; main()"
)


def read_in_parallel(
    path: Path,
    uses: ParameterUses,
    source: str,
    certificates: bool,
    progress: Progress | None = None,
) -> ScanResult:
    """Read a file in as many ranges of bytes as there are cores.

    Raises:
        subprocess.CalledProcessError: a process ended before it had read its range.
    """
    size, processes = path.stat().st_size, cores()
    edges = [size * i // processes for i in range(processes + 1)]
    ranges = [
        ByteRange(str(path), start, end, uses, source, certificates)
        for start, end in pairwise(edges)
    ]
    with ThreadPoolExecutor(processes) as pool:
        return merged(pool.map(lambda one: _run(one, progress), ranges))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(wanted: ByteRange, progress: Progress | None) -> ScanResult:
    command = [sys.executable, "-S", "-c", _PROGRAM, str(_SOURCE_ROOT), *sys.path]
    # The numbers that stand for values must be the same in every process.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    with subprocess.Popen(  # noqa: S603, this very interpreter
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        result = None
        try:
            assert process.stdin and process.stdout  # noqa: S101, PT018, both are pipes
            process.stdin.write(msgspec.json.encode(wanted))
            process.stdin.close()
            for line in process.stdout:
                if line == END_OF_PROGRESS:
                    break
                if progress is not None:
                    progress(int(line))
            result = process.stdout.read()
        finally:
            if result is None:
                process.kill()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, _PROGRAM)
    return msgspec.msgpack.decode(result, type=ScanResult)
