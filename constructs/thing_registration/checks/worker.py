"""One of the processes that read a large file; `parallel` starts it."""

from __future__ import annotations

import sys

import msgspec

from thing_registration.checks.part import END_OF_PROGRESS, Task
from thing_registration.checks.scan import Scan
from thing_registration.checks.template import read_template


def main() -> None:
    """Read the task from standard input, answer with the part on standard output."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    plan = read_template(task.body, task.source).plan
    if plan is None:
        raise ValueError("the template of a task must be readable")
    out = sys.stdout.buffer

    def progress(read: int) -> None:
        out.write(b"%d\n" % read)
        out.flush()

    with open(task.path, "rb") as file:
        if task.start:
            # The line that begins before the range belongs to the process before.
            file.seek(task.start - 1)
            file.readline()
        part = Scan(plan, task.source, task.certificates).run(file, task.end, progress)
    out.write(END_OF_PROGRESS + msgspec.msgpack.encode(part))
    out.flush()
