"""Reads a large file with one process for each core.

The processes are started as plain Python programs: a CDK app has a Node process and threads that
a fork would copy, and `multiprocessing` would run an app.py without `__main__` guard again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec

import thing_registration
from thing_registration.checks.part import END_OF_PROGRESS, Findings, Part, Span, Task
from thing_registration.checks.plan import Plan
from thing_registration.checks.scan import Progress

# The package is entered without its __init__, which imports aws_cdk and starts Node.
_START = (
    "import sys; home, *sys.path[:] = sys.argv[1:];"
    "package = type(sys)('thing_registration'); package.__path__ = [home];"
    "sys.modules['thing_registration'] = package;"
    "from thing_registration.checks.worker import main; main()"
)


def read_in_parallel(
    path: Path,
    size: int,
    plan: Plan,
    source: str,
    certificates: bool,
    progress: Progress | None = None,
) -> Part:
    """Read a file in as many ranges of bytes as there are cores.

    Raises:
        subprocess.CalledProcessError: if a process ends before its part is read.
    """
    processes = _cores()
    edges = [size * i // processes for i in range(processes + 1)]
    tasks = [
        Task(str(path), start, end, plan, source, certificates) for start, end in pairwise(edges)
    ]
    with ThreadPoolExecutor(processes) as pool:
        return _merged(list(pool.map(lambda task: _run(task, progress), tasks)))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(task: Task, progress: Progress | None) -> Part:
    home = str(Path(thing_registration.checks.__file__).parent.parent)
    # Without `site`, which only finds the path that is given here.
    command = [sys.executable, "-S", "-c", _START, home, *sys.path]
    # The numbers that stand for values must be the same in every process.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    with subprocess.Popen(  # noqa: S603, this very interpreter
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        answer = None
        try:
            assert process.stdin and process.stdout  # noqa: S101, PT018, both are pipes
            process.stdin.write(msgspec.json.encode(task))
            process.stdin.close()
            for line in process.stdout:
                if line == END_OF_PROGRESS:
                    break
                if progress is not None:
                    progress(int(line))
            answer = process.stdout.read()
        finally:
            if answer is None:
                process.kill()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "thing_registration.checks.worker")
    return msgspec.msgpack.decode(answer, type=Part)


def _merged(parts: list[Part]) -> Part:
    whole = Part(ascending=dict.fromkeys(parts[0].ascending, Span()))
    found = Findings()
    for part in parts:
        whole.ascending = {
            name: span.joined(part.ascending[name])
            for name, span in whole.ascending.items()
            if name in part.ascending and span.then(part.ascending[name])
        }
        shifted = (
            replace(problem, line=problem.line + whole.lines) if problem.line else problem
            for problem in part.first
        )
        found.merge(part.counts, shifted)
        for kind, names in part.names.items():
            whole.names.setdefault(kind, set()).update(names)
        for parameter, numbers in part.hashes.items():
            whole.hashes[parameter] = whole.hashes.get(parameter, b"") + numbers
        whole.lines += part.lines
        whole.devices += part.devices
        whole.carriage_returns |= part.carriage_returns
        whole.byte_order_mark |= part.byte_order_mark
    whole.counts, whole.first = dict(found.counts), found.first
    return whole
