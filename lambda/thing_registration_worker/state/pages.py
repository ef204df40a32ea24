"""A database as pages: which of them have changed, and how changes are put into a file.

Changes are one line of JSON with the number of pages and of bytes that follow; then, compressed,
the number of each changed page and the page.
"""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

from thing_registration_worker.state.schema import in_memory

PAGE_SIZE = 4096
_NUMBER_BYTES = 4
_DIGEST_BYTES = 16
_LEVEL = 1


class UnreadableState(Exception):
    """A database or its changes are cut short, or are none."""


def load(path: Path) -> sqlite3.Connection:
    """Return a copy of a database in memory.

    Raises:
        UnreadableState: the file is no database.
    """
    connection = in_memory()
    try:
        file = sqlite3.connect(path)
        try:
            file.backup(connection)
        finally:
            file.close()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise UnreadableState(str(error)) from error
    connection.execute("BEGIN")
    return connection


def dump(connection: sqlite3.Connection, path: Path) -> None:
    """Write a database that was committed to a file."""
    path.unlink(missing_ok=True)
    file = sqlite3.connect(path)
    try:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA journal_mode = OFF")
        connection.backup(file)
    finally:
        file.close()


def digests(path: Path) -> list[bytes]:
    """Return a digest of each page of a file."""
    return [hashlib.blake2b(page, digest_size=_DIGEST_BYTES).digest() for page in _pages(path)]


def changes(path: Path, before: list[bytes], now: list[bytes]) -> bytes:
    """Return what has changed in a file.

    Args:
        path: the file.
        before: the digests of its pages before.
        now: the digests of its pages now.
    """
    packer = zlib.compressobj(_LEVEL)
    packed, count = [], 0
    for number, page in enumerate(_pages(path)):
        if number >= len(before) or before[number] != now[number]:
            packed.append(packer.compress(number.to_bytes(_NUMBER_BYTES, "big") + page))
            count += 1
    packed.append(packer.flush())
    body = b"".join(packed)
    header = {"pages": len(now), "changed": count, "bytes": len(body)}
    return json.dumps(header).encode() + b"\n" + body


def apply(path: Path, changed: bytes) -> None:
    """Put changes into the file that they were made from.

    Raises:
        UnreadableState: they are cut short, or are none.
    """
    first, _, packed = changed.partition(b"\n")
    try:
        header = json.loads(first)
        body = zlib.decompress(packed)
        is_whole = len(packed) == header["bytes"]
        pages = int(header["pages"])
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise UnreadableState(f"no changes of a state: {error}") from error
    if not is_whole:
        raise UnreadableState("the changes of a state are cut short")
    size = _NUMBER_BYTES + PAGE_SIZE
    with path.open("r+b") as file:
        for at in range(0, len(body), size):
            number = int.from_bytes(body[at : at + _NUMBER_BYTES], "big")
            file.seek(number * PAGE_SIZE)
            file.write(body[at + _NUMBER_BYTES : at + size])
        file.truncate(pages * PAGE_SIZE)


def _pages(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while page := file.read(PAGE_SIZE):
            yield page
