"""Read a report while it is copied: is it whole, how many lines has it, which line numbers?"""

import http.client
import re
from typing import Protocol

LINE_NUMBER = re.compile(rb'"line(?:Number)?"\s*:\s*"?(\d+)', re.IGNORECASE)


class Download(Protocol):
    """The response of a presigned link."""

    headers: http.client.HTTPMessage

    def read(self, amount: int = -1, /) -> bytes:
        """Return the next bytes; none at the end, also where the connection broke off."""
        ...


class ReportStream:
    """A download that counts what passes through it.

    Attributes:
        lines: how many lines have passed, blank ones not counted.
        first_number: the smallest line number in them; -1 for none.
        last_number: the largest line number in them; -1 for none.
    """

    def __init__(self, download: Download) -> None:
        self._download = download
        length = download.headers.get("Content-Length")
        self._missing = None if length is None else int(length)
        self._rest = b""
        self.lines = 0
        self.first_number = self.last_number = -1

    def read(self, amount: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            http.client.IncompleteRead: the connection broke off before the end.
        """
        chunk = self._download.read(amount)
        if self._missing is not None:
            self._missing -= len(chunk)
            if not chunk and amount != 0 and self._missing > 0:
                raise http.client.IncompleteRead(b"", self._missing)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if not chunk and self._rest:
            whole, self._rest = [self._rest], b""
        for line in whole:
            self._count(line)
        return chunk

    def _count(self, line: bytes) -> None:
        if not line.strip():
            return
        self.lines += 1
        found = LINE_NUMBER.search(line)
        if found is not None:
            number = int(found[1])
            smallest = self.first_number < 0 or number < self.first_number
            self.first_number = number if smallest else self.first_number
            self.last_number = max(self.last_number, number)
