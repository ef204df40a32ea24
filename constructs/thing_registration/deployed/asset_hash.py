"""The hash of a file's content as CDK has it in the key of an asset, without starting Node.js.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/fs/fingerprint.ts
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

# CDK reads a file in such pieces, and decodes each of them for itself: that matters where a
# character of several bytes is cut.
_PIECE = 8 * 1024
_READ = 128 * _PIECE


def asset_hash(path: Path) -> str:
    """Return the hash that an asset of this text file has."""
    whole = hashlib.sha256()
    fields = {"options.extra": "", "options.follow": "external", "file:": _content_hash(path)}
    for name, value in fields.items():
        whole.update(f"\x01{name}\x02{value}\x03".encode())
    return whole.hexdigest()


def _content_hash(path: Path) -> str:
    """Return the size and the hash of a file whose line breaks are LF."""
    content, size, rest = hashlib.sha256(), 0, b""
    for piece in _pieces(path):
        rest += piece
        if not rest.endswith(b"\r"):
            text, rest = rest.replace(b"\r\n", b"\n"), b""
            size += len(text)
            content.update(text)
    content.update(rest)
    return f"{size}:{content.hexdigest()}"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while read := file.read(_READ):
            if read.isascii():
                yield read
            else:
                for at in range(0, len(read), _PIECE):
                    yield read[at : at + _PIECE].decode(errors="replace").encode()
