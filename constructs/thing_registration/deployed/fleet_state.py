"""The state of a deployed task's fleet, brought from its bucket; it is only read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration.deployed.errors import CommandError
from thing_registration_worker.failure_reason import bucket_gone, state_too_new
from thing_registration_worker.state import head as heads
from thing_registration_worker.state import pages, schema
from thing_registration_worker.state.head import Head
from thing_registration_worker.state.object_keys import ObjectKeys
from thing_registration_worker.state.pages import UnreadableState
from thing_registration_worker.state.stored import download as download_state
from thing_registration_worker.version import VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Telling = Callable[[str], None]


@dataclass(frozen=True)
class FleetState:
    """A copy of a fleet's state, in memory.

    Attributes:
        db: what is known of the devices; nothing where there is no state, or none that can be read.
        head: what names it; None where the bucket has none.
        problem: why it cannot be read; empty if it can, or there is none.
        has_bucket: whether the bucket exists.
    """

    db: Connection
    head: Head | None = None
    problem: str = ""
    has_bucket: bool = True

    @property
    def is_there(self) -> bool:
        """Whether a deployment has written one."""
        return self.head is not None and self.head.state is not None


def read_state(s3: S3Client, bucket: str, key_prefix: str, tell: Telling) -> FleetState:
    """Download the state of a fleet.

    Args:
        s3: the client.
        bucket: the task's bucket.
        key_prefix: where in it.
        tell: is called with what happens, in words.

    Raises:
        CommandError: a later version of this library has written it.
    """
    head = heads.read(s3, bucket, ObjectKeys(key_prefix).head)
    if head is None and not _exists(s3, bucket):
        return FleetState(schema.empty(), problem=bucket_gone(bucket), has_bucket=False)
    if head is None or head.state is None:
        return FleetState(schema.empty(), head)
    if head.oldest_reader > schema.VERSION:
        raise CommandError(state_too_new(head.worker, VERSION))
    with tempfile.TemporaryDirectory(prefix="thing-registration-") as folder:
        path = Path(folder) / "state.sqlite"
        try:
            download_state(s3, bucket, head.state, path, lambda key: tell(f"reading {key}"))
            return FleetState(pages.load(path), head)
        except UnreadableState as error:
            return FleetState(schema.empty(), head, str(error))


def _exists(s3: S3Client, bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        # An answer without a body has no other code.
        if error.response["Error"]["Code"] == "404":
            return False
        raise
    return True


def download(s3: S3Client, bucket: str, key: str, version_id: str, target: Path) -> None:
    """Write an object to a file.

    Raises:
        CommandError: there is no such object.
    """
    extra = {"VersionId": version_id} if version_id else {}
    try:
        s3.download_file(bucket, key, str(target), ExtraArgs=extra)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
            raise CommandError(f"s3://{bucket}/{key} does not exist") from error
        raise
