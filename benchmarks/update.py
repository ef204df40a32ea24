"""Measures a later deployment: what is sent of a changed file, in which time and memory.

    python -m benchmarks.update [LINES…]

By default 10,000 and 1,000,000 lines of 1.1 KB, of which 0, 0.01, 1 and 100 % have changed. Each
comparison runs in a process of its own, on one core: the state is in memory and the file is
streamed, as the worker does it.

Beside it stands an app that registers the whole file on each change, as one with AwsCustomResource
and StartThingRegistrationTask does. What that comes to is measured on the local AWS with a file of
1,000 devices that is registered twice, and multiplied.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.compare import TEMPLATE, csr, peak_mib, write_file, write_state
from benchmarks.compare import compare as compare_with_state

SIZES = (10_000, 1_000_000)
SHARES = (0.0, 0.0001, 0.01, 1.0)
MEASURED_DEVICES = 1_000
ROW = "| {:>9} | {:>7} | {:>9} | {:>7} | {:>6} | {:>10} | {:>12} |"


def main() -> None:
    """Print the table."""
    sizes = [int(word.replace(",", "")) for word in sys.argv[1:]] or list(SIZES)
    sent, certificates = whole_file_again()
    print(
        f"registering {MEASURED_DEVICES:,} devices again sends {sent:.0f} line and makes "
        f"{certificates:.0f} certificate per device\n"
    )
    print(
        "|           |         | this construct    |         |        | the whole file each time |"
    )
    header = ("lines", "changed", "sent", "s", "MB", "sent there", "certificates")
    print(ROW.format(*header))
    print(ROW.format(*("--:" for _ in header)))
    for lines in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            signed = csr()
            write_file(folder / "before", lines, 0, signed)
            write_state(folder / "before", folder / "state.sqlite")
            for share in SHARES:
                print_row(folder, signed, lines, share, sent, certificates)


def print_row(
    folder: Path,
    signed: tuple[bytes, int],
    lines: int,
    share: float,
    sent: float,
    certificates: float,
) -> None:
    """Compare one file in a process of its own, and print what came of it."""
    changed = round(lines * share)
    write_file(folder / "after", lines, changed, signed)
    words = [sys.executable, "-m", "benchmarks.update", "--compare", str(folder)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["sent"] == changed, result
    # Without a change CloudFormation does not ask; with one, the other app sends everything.
    again = lines if changed else 0
    print(
        ROW.format(
            f"{lines:,}",
            f"{share:.2%}",
            f"{result['sent']:,}",
            f"{result['seconds']:.1f}",
            f"{result['peak_mb']:.0f}",
            f"{again * sent:,.0f}",
            f"{again * certificates:,.0f}",
        ),
        flush=True,
    )


def compare(folder: Path) -> dict[str, Any]:
    """Compare a file with the state on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = compare_with_state(folder / "after", folder / "state.sqlite")
    return {
        "sent": found["new"] + found["changed"],
        "removed": found["removed"],
        "seconds": found["seconds"],
        "peak_mb": peak_mib() * 1.048576,
    }


def whole_file_again() -> tuple[float, float]:
    """Register a file twice on the local AWS: lines and certificates per device, second time."""
    from local import LocalAws
    from tests.local.fleet import Fleet, new_csr

    template = json.loads(TEMPLATE)
    del template["Resources"]["policy"]
    del template["Resources"]["thing"]["Properties"]["ThingGroups"]
    devices = [
        {"ThingName": f"device-{number}", "Serial": f"{number}", "CSR": new_csr()}
        for number in range(MEASURED_DEVICES)
    ]
    with LocalAws() as aws:
        aws.faults(throttling=False)
        fleet, made, sent = Fleet(aws), [], 0
        for _ in range(2):
            task = fleet.run(devices, json.dumps(template))
            sent = task["successCount"]
            pages = aws.client("iot").get_paginator("list_certificates").paginate()
            made.append(sum(len(page["certificates"]) for page in pages))
    return sent / MEASURED_DEVICES, (made[1] - made[0]) / MEASURED_DEVICES


if __name__ == "__main__":
    if sys.argv[1:2] == ["--compare"]:
        print(json.dumps(compare(Path(sys.argv[2]))))
    else:
        main()
