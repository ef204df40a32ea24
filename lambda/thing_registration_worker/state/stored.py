"""The state in the bucket: a base and the changes since, each an object that is never overwritten.

A call writes what it has changed, not the whole. Changes are folded into a new base when they are
larger or very many, and at a run's end. A run whose changes are N bytes writes N bytes of bases for
them: folding at a quarter of the base would write four times as many.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

from thing_registration_worker.aws import s3
from thing_registration_worker.state import pages, schema
from thing_registration_worker.state.head import StateObject, StoredState
from thing_registration_worker.state.object_keys import ObjectKeys
from thing_registration_worker.state.pages import UnreadableState

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: So many changes are read one after the other by a worker that is not warm, and are in the head.
_MOST_CHANGES = 500
_SPARSE = 4


@dataclass(frozen=True)
class Place:
    """Where a resource's state lies."""

    bucket: str
    keys: ObjectKeys


@dataclass
class _Opened:
    """A state in memory: equal to what is stored, but for what a call has not committed."""

    place: Place
    stored: StoredState | None
    connection: Connection
    digests: list[bytes]
    changed: int = 0

    def __post_init__(self) -> None:
        self.changed = self.connection.total_changes


class StateFile:
    """The state that this worker has open, for as long as it is warm."""

    def __init__(self) -> None:
        self._opened: _Opened | None = None

    def open(self, client: "S3Client", place: Place, stored: StoredState | None) -> Connection:
        """Return the state in memory, as it is stored.

        Raises:
            UnreadableState: an object of it is gone or cut short.
        """
        opened = self._opened
        if opened is not None and (opened.place, opened.stored) == (place, stored):
            return opened.connection
        self.close()
        if stored is None:
            self._opened = _Opened(place, None, schema.empty(), [])
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "state.sqlite"
                download(client, place.bucket, stored, path)
                self._opened = _Opened(place, stored, pages.load(path), pages.digests(path))
        return self._opened.connection

    def close(self) -> None:
        """Forget what is open, and what it has not committed."""
        if self._opened is not None:
            self._opened.connection.close()
            self._opened = None

    def roll_back(self) -> None:
        """Forget what was not committed."""
        if self._opened is not None:
            self._opened.connection.execute("ROLLBACK")
            self._opened.connection.execute("BEGIN")

    def save(
        self, client: "S3Client", token: str, number: int, *, fold: bool
    ) -> StoredState | None:
        """Write what has changed since the last time; return the objects that count now.

        The caller writes them into the head; if that fails, it closes this.

        Args:
            client: the client.
            token: makes the keys of what is written unlike those of any other call.
            number: that of what is written; it grows.
            fold: write the whole as a new base.
        """
        opened = self._opened
        assert opened is not None  # noqa: S101 - a step has opened it
        is_whole = opened.stored is None or not opened.stored.changes
        if opened.connection.total_changes == opened.changed and (is_whole or not fold):
            return opened.stored
        opened.connection.execute("COMMIT")
        if fold and _is_sparse(opened.connection):
            opened.connection.execute("VACUUM")
        opened.connection.execute("BEGIN")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.sqlite"
            pages.dump(opened.connection, path)
            now = pages.digests(path)
            if now == opened.digests and (is_whole or not fold):
                return opened.stored
            stored = self._write(client, opened, path, now, f"{number:08}-{token}", fold=fold)
        self._opened = replace(opened, stored=stored, digests=now)
        return stored

    def _write(
        self,
        client: "S3Client",
        opened: _Opened,
        path: Path,
        now: list[bytes],
        name: str,
        *,
        fold: bool,
    ) -> StoredState:
        place, before = opened.place, opened.stored
        if before is not None and not fold:
            body = pages.changes(path, opened.digests, now)
            changed = len(body) + sum(each.size for each in before.changes)
            if changed <= before.base.size and len(before.changes) < _MOST_CHANGES:
                key = place.keys.state(name, "changes")
                s3.write(client, place.bucket, key, body)
                written = (*before.changes, StateObject(key, len(body)))
                return StoredState(before.base, written)
        key = place.keys.state(name, "sqlite")
        s3.write_file(client, place.bucket, key, path)
        return StoredState(StateObject(key, path.stat().st_size))


def download(
    client: "S3Client",
    bucket: str,
    stored: StoredState,
    path: Path,
    tell: Callable[[str], None] = lambda key: None,
) -> None:
    """Bring a state into one file, which any SQLite can open.

    Raises:
        UnreadableState: an object of it is gone or cut short.
    """
    for each in (stored.base, *stored.changes):
        tell(each.key)
        if not s3.read_file(client, bucket, each.key, path if each is stored.base else _part(path)):
            raise UnreadableState(f"s3://{bucket}/{each.key} does not exist")
        got = (path if each is stored.base else _part(path)).stat().st_size
        if got != each.size:
            raise UnreadableState(
                f"s3://{bucket}/{each.key} must have {each.size} bytes, got {got}"
            )
        if each is not stored.base:
            try:
                pages.apply(path, _part(path).read_bytes())
            except UnreadableState as error:
                raise UnreadableState(f"s3://{bucket}/{each.key}: {error}") from error


def _is_sparse(connection: Connection) -> bool:
    """Return whether more than a quarter of the pages is free."""
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (count,) = connection.execute("PRAGMA page_count").fetchone()
    return bool(free * _SPARSE > count)


def _part(path: Path) -> Path:
    return path.with_suffix(".changes")
