"""The input file, read line by line from S3 with the credentials of the task's role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from local.iot.errors import invalid_request
from local.iot.input_line import Line
from local.iot.limits import MAX_LINE_BYTES
from local.iot.requests import StartRequest
from local.ministack.buckets import bucket_region
from local.ministack.clients import Credentials, client
from local.ministack.scope import Scope, in_scope

_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class InputFile:
    """An opened input file; `size` in bytes."""

    size: int
    chunks: Iterator[bytes]

    async def lines(self, blank_lines: str = "skipped") -> AsyncIterator[Line]:
        """Yield every line that counts; of a line that is too long, only the start."""
        splitter = LineSplitter(blank_lines)
        while chunk := await asyncio.to_thread(next, self.chunks, b""):
            for line in splitter.feed(chunk):
                yield line
        for line in splitter.finish():
            yield line


async def open_input(scope: Scope, request: StartRequest, credentials: Credentials) -> InputFile:
    """Open a task's input file with the credentials of its role.

    Raises:
        botocore.exceptions.ClientError: it does not exist or the role may not read it.
        ServiceError: the bucket is in another Region.
    """
    bucket = request.input_file_bucket
    with in_scope(scope):
        region = bucket_region(bucket)
    if region not in (None, scope.region):
        raise invalid_request(
            f"The bucket {bucket} is in {region}; it must be in {scope.region}. "
            "(Service: Amazon S3; Status Code: 301; Error Code: PermanentRedirect)"
        )
    s3 = client("s3", scope.region, credentials)
    found = await asyncio.to_thread(s3.get_object, Bucket=bucket, Key=request.input_file_key)
    return InputFile(found["ContentLength"], found["Body"].iter_chunks(_CHUNK_BYTES))


class LineSplitter:
    """Splits chunks of bytes into lines, with at most one line in memory.

    `blank_lines`: whether they are `skipped`, also `unnumbered`, or lines that `fail`.
    """

    def __init__(self, blank_lines: str = "skipped") -> None:
        self._blank_lines = blank_lines
        self._held = b""
        self._held_length = 0
        self._number = 0
        self._offset = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that a chunk completes."""
        *complete, rest = chunk.split(b"\n")
        for part in complete:
            yield from self._end_line(part, newline=1)
        self._hold(rest)

    def finish(self) -> Iterator[Line]:
        """Yield the last line if the file does not end in a newline."""
        if self._held_length:
            yield from self._end_line(b"", newline=0)

    def _hold(self, part: bytes) -> None:
        self._held_length += len(part)
        # One byte more than is allowed is enough to know that the line is too long.
        self._held = (self._held + part)[: MAX_LINE_BYTES + 2]

    def _end_line(self, part: bytes, newline: int) -> Iterator[Line]:
        self._hold(part)
        content = self._held.removesuffix(b"\r")
        blank = not content.strip()
        if not blank or self._blank_lines != "unnumbered":
            self._number += 1
        if not blank or self._blank_lines == "fail":
            yield Line(self._number, self._offset, content)
        self._offset += self._held_length + newline
        self._held = b""
        self._held_length = 0
