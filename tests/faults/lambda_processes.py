"""The processes in which the local AWS runs Lambdas."""

from __future__ import annotations

import re
from pathlib import Path

from local import LocalAws


def worker_processes(aws: LocalAws) -> list[int]:
    """Return the process ids of the workers that are warm or at work."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_status(int(folder.name), "PPid"))
            environment = (folder / "environ").read_bytes()
        except (OSError, TypeError):
            continue
        if parent == aws.pid and re.search(rb"AWS_LAMBDA_FUNCTION_NAME=[^\0]*Worker", environment):
            found.append(int(folder.name))
    return found


def peak_mib(process_id: int) -> float:
    """Return the largest resident memory that a process ever had."""
    return int(_status(process_id, "VmHWM")) / 1024


def _status(process_id: int, name: str) -> str:
    text = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    assert found, f"process {process_id} has no {name}"
    return found[1]
