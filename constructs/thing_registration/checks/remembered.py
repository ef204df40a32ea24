"""Remembers what was found in a large file, under the user's cache folder.

Entries are found by the content of the file, the template, and the code and libraries that
checked it, so that none is ever out of date. Where the folder cannot be used, nothing is
remembered.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import cryptography
import msgspec

from thing_registration.checks.part import Part

_ENTRIES = 50
_BLOCK = 1024 * 1024


def key_of(path: Path, body: str, source: str) -> str:
    """Name the entry for a file, read with a template."""
    digest = hashlib.blake2b(digest_size=32)
    for text in (body, source, cryptography.__version__, msgspec.__version__):
        digest.update(hashlib.blake2b(text.encode()).digest())
    home = Path(__file__).parent
    for module in sorted((*home.glob("*.py"), *home.parent.glob("*.py"))):
        digest.update(hashlib.blake2b(module.read_bytes()).digest())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def recall(key: str) -> Part | None:
    """Give what was found, if this was checked before."""
    folder = _folder()
    if folder is None:
        return None
    try:
        content = (folder / key).read_bytes()
    except OSError:
        return None
    try:
        return msgspec.json.decode(content, type=Part)
    except msgspec.DecodeError:  # of a machine that lost power while it wrote
        return None


def remember(key: str, part: Part) -> None:
    """Keep what was found, and the newest few entries beside it."""
    folder = _folder()
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=folder)
        with open(handle, "wb") as file:
            file.write(msgspec.json.encode(part))
        os.replace(written, folder / key)
        entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in entries[_ENTRIES:]:
            entry.unlink(missing_ok=True)
    except OSError:
        return


def _folder() -> Path | None:
    """Give the folder of the XDG base directory specification; None without a home."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(root):
        root = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root, "thing-registration") if os.path.isabs(root) else None
