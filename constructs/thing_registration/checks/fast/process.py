"""One of the processes that read a large file; `parallel` starts it."""

from __future__ import annotations

import sys

import msgspec

from thing_registration.checks.fast.scan import Scan
from thing_registration.checks.parameter_uses import ParameterUses

# A process writes how many bytes it has read, a line each time, then this and its result.
END_OF_PROGRESS = b"result\n"
# Enough to see a file advance; every line more costs both processes a switch.
_PROGRESS_BYTES = 4 * 1024 * 1024


class ByteRange(msgspec.Struct):
    """The bytes of a file that a process reads, and what it checks them against."""

    path: str
    start: int
    end: int
    uses: ParameterUses
    source: str
    certificates: bool


def main() -> None:
    """Read a ByteRange from standard input, and write the result to standard output."""
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=ByteRange)
    out = sys.stdout.buffer
    unreported = 0

    def progress(read: int) -> None:
        nonlocal unreported
        unreported += read
        if unreported >= _PROGRESS_BYTES:
            out.write(b"%d\n" % unreported)
            out.flush()
            unreported = 0

    with open(wanted.path, "rb") as file:
        if wanted.start:
            # The line that begins before the range belongs to the process before.
            file.seek(wanted.start - 1)
            file.readline()
        scan = Scan(wanted.uses, wanted.source, wanted.certificates)
        result = scan.run(file, wanted.end, progress)
    out.write(b"%d\n" % unreported + END_OF_PROGRESS + msgspec.msgpack.encode(result))
    out.flush()
