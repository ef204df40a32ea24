"""Measures what the worker of a deployment costs: delay, calls, transitions, start, memory.

    python -m benchmarks.worker [--quick]

Delay and memory are measured on the local AWS; `--quick` leaves these out. The memory is the
largest resident memory of a process that does the call and nothing else, boto3 included.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "lambda"))

MB, GB = 10**6, 10**9
HOUR = 3600
TASK_SECONDS = (3, 20, 60)

IMPORT = """
import sys, time, types
class Anything(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {"__init__": lambda self, *a, **k: None})
for name in ("boto3", "boto3.s3", "boto3.s3.transfer", "botocore", "botocore.config",
             "botocore.exceptions"):
    sys.modules[name] = Anything(name)
sys.path.insert(0, "lambda")
began = time.perf_counter()
import MODULE
print(1000 * (time.perf_counter() - began))
"""
PEAK = """
import re, sys
sys.path.insert(0, "lambda")
import boto3
from thing_registration_worker.aws import s3 as bucket
from thing_registration_worker.aws.clients import RETRYING
s3 = boto3.client("s3", config=RETRYING)
CALL
# Not ru_maxrss: that begins with what the process had that forked this one.
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


def main() -> None:
    """Print all figures."""
    for latency in (0.0, 0.3):
        calls, longest = polls(HOUR, latency)
        print(f"Describe calls in a one-hour task at {latency:g} s a call: {calls}")
        print(
            f"  longest wait of a one-hour task {longest} s, of a one-minute task {polls(60)[1]} s"
        )
    each, once = transitions()
    calls, _ = polls(HOUR, 0.0)
    print(f"Step Functions transitions: {each} a poll, {once} for all else, so")
    print(f"  {once + each * (calls - 1)} for a one-hour task")
    for module in ("thing_registration_worker.worker", "thing_registration_worker.on_event"):
        print(f"import of {module} without boto3: {import_milliseconds(module):.0f} ms")
    if "--quick" in sys.argv:
        return
    print_memory()
    print_delays()


def polls(seconds: float, latency: float = 0.0) -> tuple[int, int]:
    """How often a task that runs so long is looked at, and the longest wait before a look."""
    from thing_registration_worker.timing import poll_wait

    now, calls, longest = 0.0, 1, 0
    while now < seconds:
        wait = poll_wait(now)
        now += wait + latency
        calls += 1
        longest = max(longest, wait)
    return calls, longest


def transitions() -> tuple[int, int]:
    """The transitions of one poll, and those of a request that polls once, by the definition."""
    from thing_registration.stack.state_machine import definition

    states = definition("arn")["States"]
    order = ["Prepare", "Start", "Observe", "Finish", "Answer"]
    each = len(_walk(states, "Observe", lambda _: "Observe"))
    following = dict(pairwise(order))
    return each, len(_walk(states, "RequestType", lambda step: following[step]))


def _walk(states: dict[str, Any], first: str, decide: Any) -> list[str]:
    """The states from one on until the end, or until it comes again."""
    path, name, step = [], first, ""
    while name and name not in path:
        path.append(name)
        state = states[name]
        if state["Type"] == "Task":
            step = name
        if state["Type"] != "Choice":
            name = state.get("Next", "")
            continue
        wanted = decide(step) if step else ""
        choices = {choice["StringEquals"]: choice["Next"] for choice in state["Choices"]}
        name = choices.get(wanted, state["Default"])
    return path


def import_milliseconds(module: str) -> float:
    """The median of several imports, byte code compiled before."""
    return statistics.median(float(_python(IMPORT.replace("MODULE", module))) for _ in range(9))


def print_memory() -> None:
    """Print the peak memory for a large input and a large report."""
    from local import LocalAws

    with LocalAws() as aws, tempfile.TemporaryDirectory() as folder:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="fleet")
        for name, size in (("report", 200 * MB), ("input", GB)):
            path = Path(folder) / name
            with path.open("wb") as file:
                file.truncate(size)
            s3.upload_file(str(path), "fleet", name)
        link = s3.generate_presigned_url("get_object", {"Bucket": "fleet", "Key": "report"})
        calls = {
            "the clients alone": "",
            "a report of 200 MB streamed": f"bucket.save_link(s3, {link!r}, 'fleet', 'kept')",
            "an input of 1 GB copied": "bucket.copy(s3, ('fleet', 'input'), ('fleet', 'copied'))",
        }
        for what, call in calls.items():
            began = time.monotonic()
            peak = int(_python(PEAK.replace("CALL", call), **aws.environment()))
            seconds = time.monotonic() - began
            print(f"peak memory, {what}: {peak / 1024:.0f} MiB ({seconds:.1f} s)")
        for kept, size in (("kept", 200 * MB), ("copied", GB)):
            assert s3.head_object(Bucket="fleet", Key=kept)["ContentLength"] == size


def print_delays() -> None:
    """Print how long after its task's end a deployment is answered."""
    from local import LocalAws
    from tests.simulation.declared import synthesize
    from tests.simulation.invariants import all_tasks
    from tests.simulation.stacks import Stack

    with tempfile.TemporaryDirectory() as folder, LocalAws(things_per_second=1) as aws:
        assembly = synthesize(Path(folder))
        assembly.publish(aws)
        stack = Stack(aws, "Fleet", assembly.templates["Fleet"], lambda _: None)
        for index, seconds in enumerate(TASK_SECONDS):
            stack.declare_new_file(count=seconds)
            stack.update(seconds=150) if index else stack.create()
            task = all_tasks(aws)[-1]
            took = (task["lastModifiedDate"] - task["creationDate"]).total_seconds()
            delay = aws.journal("answer")[-1]["time"] - task["lastModifiedDate"].timestamp()
            print(f"answer after the end of a task of {took:.1f} s: {delay:.1f} s")


def _python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
