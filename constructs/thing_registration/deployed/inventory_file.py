"""The inventory of a deployed task, brought from its bucket into one local file."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration.deployed.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Some parts are read at a time: each has a megabyte at most.
_AT_A_TIME = 8


def download_inventory(s3: S3Client, bucket: str, prefix: str, target: Path) -> None:
    """Write the parts of an inventory to a file, in the order in which they were written.

    Args:
        s3: the client.
        bucket: the task's bucket.
        prefix: that of the inventory.
        target: the file.

    Raises:
        CommandError: there is no such bucket.
    """

    def part(key: str) -> bytes:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    try:
        with target.open("wb") as file, ThreadPoolExecutor(_AT_A_TIME) as pool:
            keys = _keys(s3, bucket, prefix)
            while several := list(islice(keys, _AT_A_TIME)):
                for body in pool.map(part, several):
                    file.write(body if body.endswith(b"\n") else body + b"\n")
    except s3.exceptions.NoSuchBucket:
        raise CommandError(f"bucket {bucket} does not exist") from None


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


def _keys(s3: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            yield item["Key"]
