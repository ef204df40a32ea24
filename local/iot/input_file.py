"""The input file, read line by line from S3 with the rights of the task's role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from local.emulator.clients import Credentials, client
from local.iot.model import MAX_LINE_BYTES
from local.iot.reports import Line
from local.iot.task import Task

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class InputFile:
    """An opened input file; `size` in bytes."""

    size: int
    chunks: Iterator[bytes]

    async def lines(self) -> AsyncIterator[Line]:
        """Every line that is not blank. Of a line that is too long only the start is kept."""
        splitter = LineSplitter()
        while chunk := await asyncio.to_thread(next, self.chunks, b""):
            for line in splitter.feed(chunk):
                yield line
        for line in splitter.finish():
            yield line


async def open_input(task: Task, role: Credentials) -> InputFile:
    """Open a task's input file.

    Raises:
        botocore.exceptions.ClientError: it does not exist or the role may not read it.
    """
    s3 = client("s3", task.scope.region, role)
    found = await asyncio.to_thread(
        s3.get_object, Bucket=task.request.input_file_bucket, Key=task.request.input_file_key
    )
    return InputFile(found["ContentLength"], found["Body"].iter_chunks(_CHUNK_BYTES))


class LineSplitter:
    """Chunks of bytes in, lines out, never more than one line in memory."""

    def __init__(self) -> None:
        self._held = b""
        self._held_length = 0
        self._number = 0
        self._offset = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that a chunk completes."""
        *complete, rest = chunk.split(b"\n")
        for part in complete:
            yield from self._end_line(part, newline=1)
        self._hold(rest)

    def finish(self) -> Iterator[Line]:
        """The last line, where the file does not end in a newline."""
        yield from self._end_line(b"", newline=0)

    def _hold(self, part: bytes) -> None:
        self._held_length += len(part)
        # One byte more than is allowed is enough to know that the line is too long.
        self._held = (self._held + part)[: MAX_LINE_BYTES + 2]

    def _end_line(self, part: bytes, newline: int) -> Iterator[Line]:
        self._hold(part)
        content = self._held.removesuffix(b"\r")
        self._number += 1
        if content.strip():
            yield Line(self._number, self._offset, content)
        self._offset += self._held_length + newline
        self._held = b""
        self._held_length = 0
