"""A bucket in memory, and states of fleets in it."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from botocore.exceptions import ClientError

from thing_registration_worker.request.owner import Owner
from thing_registration_worker.state import pages
from thing_registration_worker.state.head import Head, Holder, StateObject, StoredState
from thing_registration_worker.state.object_keys import ObjectKeys
from thing_registration_worker.state.order import Moment

PREFIX = "stack/fleet/"
KEYS = ObjectKeys(PREFIX)
STACK_ID = "arn:aws:cloudformation:eu-west-1:111111111111:stack/S/1"
OWNER = Owner.of(STACK_ID, "Fleet")


class Bucket:
    """S3 with one bucket, `files`.

    Attributes:
        objects: what it has, by key.
        written: the keys that were written, each time.
    """

    class exceptions:
        """As a client has them."""

        class NoSuchKey(ClientError):
            """There is no such object."""

        class NoSuchBucket(ClientError):
            """There is no such bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: list[str] = []

    def head_bucket(self, Bucket: str) -> Any:
        if Bucket != "files":
            raise ClientError({"Error": {"Code": "404"}}, "HeadBucket")

    def get_object(self, Bucket: str, Key: str) -> Any:
        if Bucket != "files":
            raise self.exceptions.NoSuchBucket({"Error": {"Code": "NoSuchBucket"}}, "GetObject")
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        body = self.objects[Key]
        return {"Body": io.BytesIO(body), "ETag": self._etag(Key)}

    def put_object(
        self, Bucket: str, Key: str, Body: Any, IfMatch: str = "", IfNoneMatch: str = ""
    ) -> Any:
        if (IfMatch and self._etag(Key) != IfMatch) or (IfNoneMatch and Key in self.objects):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.objects[Key] = Body if isinstance(Body, bytes) else Body.read()
        self.written.append(Key)
        return {"ETag": self._etag(Key)}

    def store(self, db: Connection, **head: Any) -> None:
        """Keep a state, and a head that names it; its last request was answered."""
        key = KEYS.state("00000001-token", "sqlite")
        db.execute("COMMIT")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.sqlite"
            pages.dump(db, path)
            self.objects[key] = path.read_bytes()
        stored = StoredState(StateObject(key, len(self.objects[key])))
        holder = Holder("request-1", Moment(1_000.0), answered=True)
        self.head(Head(**{"holder": holder, "owner": OWNER, "state": stored, **head}))

    def head(self, head: Head) -> None:
        """Overwrite the head."""
        self.objects[KEYS.head] = head.to_json()

    def read_head(self) -> Head:
        """Return the head."""
        return Head.from_json(self.objects[KEYS.head], self._etag(KEYS.head))

    def _etag(self, key: str) -> str:
        return f'"{hash(self.objects.get(key, b""))}"'
