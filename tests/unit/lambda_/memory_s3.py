"""Objects in memory, behind the calls of an S3 client that the worker makes of small objects."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

BUCKET = "fleet"


class _NoSuchKey(ClientError):
    pass


class _NoSuchBucket(ClientError):
    pass


class _Exceptions:
    NoSuchKey = _NoSuchKey
    NoSuchBucket = _NoSuchBucket


def refusal(code: str, operation: str = "GetObject", status: int = 400) -> ClientError:
    """Return an error of AWS."""
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


class MemoryS3:
    """A bucket with ETags, ages and conditional writes.

    Attributes:
        bodies: the objects, by key.
        reads, writes: the keys that were read and written, in order.
        on_write: called before each write with its key: another writer may come in between.
        on_written: called after each write, before it is answered: the answer may be lost.
        is_gone: whether there is no such bucket.
    """

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.ages: dict[str, float] = {}
        self.reads: list[str] = []
        self.writes: list[str] = []
        self.undeletable: set[str] = set()
        self.on_write: Callable[[str], None] = lambda key: None
        self.on_written: Callable[[str], None] = lambda key: None
        self.is_gone = False
        self._etags: dict[str, str] = {}
        self._numbers = count(1)

    def place(self, key: str, body: bytes) -> str:
        """Write an object whatever was there, and return its new ETag."""
        self.bodies[key] = body
        self._etags[key] = f'"{next(self._numbers)}"'
        return self._etags[key]

    def remove(self, key: str) -> None:
        """Remove an object."""
        del self.bodies[key], self._etags[key]

    def get_object(self, *, Bucket: str, Key: str, Range: str = "") -> dict[str, Any]:
        self._check(Bucket, "GetObject")
        self.reads.append(Key)
        if Key not in self.bodies:
            raise _NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        body = self.bodies[Key]
        if Range:
            start, _, last = Range.removeprefix("bytes=").partition("-")
            body = body[int(start) : int(last) + 1 if last else None]
        return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ETag": self._etags[Key]}

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, IfMatch: str = "", IfNoneMatch: str = ""
    ) -> dict[str, Any]:
        self.on_write(Key)
        self._check(Bucket, "PutObject")
        there = self._etags.get(Key, "")
        if (IfMatch and IfMatch != there) or (IfNoneMatch and there):
            raise refusal("PreconditionFailed", "PutObject", 412)
        etag = self.place(Key, Body)
        self.writes.append(Key)
        self.on_written(Key)
        return {"ETag": etag}

    def upload_file(self, path: str, bucket: str, key: str, Config: object) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=Path(path).read_bytes())

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:
        self._check(Bucket, "DeleteObjects")
        keys = [each["Key"] for each in Delete["Objects"]]
        for key in set(keys) - self.undeletable:
            self.remove(key)
        refused = [key for key in keys if key in self.undeletable]
        return {"Errors": [{"Key": key, "Message": "AccessDenied"} for key in refused]}

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(self, operation)

    def _check(self, bucket: str, operation: str) -> None:
        if self.is_gone or bucket != BUCKET:
            raise _NoSuchBucket({"Error": {"Code": "NoSuchBucket"}}, operation)


class _Pages:
    """The pages of a list: one."""

    def __init__(self, s3: MemoryS3, operation: str) -> None:
        self._s3, self._operation = s3, operation

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        self._s3._check(Bucket, self._operation)
        keys = sorted(key for key in self._s3.bodies if key.startswith(Prefix))
        if self._operation == "list_object_versions":
            yield {"Versions": [{"Key": key, "VersionId": "1"} for key in keys]}
        else:
            yield {"Contents": [self._listed(key) for key in keys]}

    def _listed(self, key: str) -> dict[str, Any]:
        written_at = datetime.fromtimestamp(self._s3.ages.get(key, 0), timezone.utc)
        return {"Key": key, "Size": len(self._s3.bodies[key]), "LastModified": written_at}
