"""One of the processes that read a large file; `parallel` starts it."""

from __future__ import annotations

import sys

import msgspec

from thing_registration.checks.part import END_OF_PROGRESS, Task
from thing_registration.checks.scan import Scan

# Enough to see a file advance; every word more costs both processes a switch.
_PROGRESS_BYTES = 4 * 1024 * 1024


def main() -> None:
    """Read the task from standard input, answer with the part on standard output."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    out = sys.stdout.buffer
    unsaid = 0

    def progress(read: int) -> None:
        nonlocal unsaid
        unsaid += read
        if unsaid >= _PROGRESS_BYTES:
            out.write(b"%d\n" % unsaid)
            out.flush()
            unsaid = 0

    with open(task.path, "rb") as file:
        if task.start:
            # The line that begins before the range belongs to the process before.
            file.seek(task.start - 1)
            file.readline()
        part = Scan(task.plan, task.source, task.certificates).run(file, task.end, progress)
    out.write(b"%d\n" % unsaid + END_OF_PROGRESS + msgspec.msgpack.encode(part))
    out.flush()
