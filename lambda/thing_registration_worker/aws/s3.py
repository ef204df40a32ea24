"""The calls to S3: the input file, the reports and the record of the last task."""

import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from thing_registration_worker.aws.report_stream import ReportStream
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import bucket_gone
from thing_registration_worker.timing import LINK_TIMEOUT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

# With IfMatch, an object that was deleted meanwhile is NoSuchKey.
PRECONDITION_FAILED = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
MIB = 1024 * 1024
# Parts are copied inside S3, so large ones cost the worker nothing.
SERVER_SIDE = TransferConfig(multipart_threshold=256 * MIB, multipart_chunksize=256 * MIB)
# One part at a time in the worker's memory; 10,000 parts of 16 MiB hold a report of 156 GiB.
STREAMED = TransferConfig(multipart_chunksize=16 * MIB, use_threads=False)


@dataclass(frozen=True)
class ListedObject:
    """An object as a list of S3 has it: its size in bytes, its age in epoch seconds."""

    key: str
    size: int
    written_at: float


def copy(
    s3: "S3Client", source: tuple[str, str], target: tuple[str, str], version_id: str = ""
) -> None:
    """Copy an object inside S3, of any size; without a version, its newest one."""
    what: CopySourceTypeDef = {"Bucket": source[0], "Key": source[1]}
    if version_id:
        what["VersionId"] = version_id
    s3.copy(what, target[0], target[1], Config=SERVER_SIDE)


def region(s3: "S3Client", name: str) -> str:
    """Return the Region that the bucket is in.

    Raises:
        RegistrationError: there is no such bucket.
    """
    try:
        return s3.head_bucket(Bucket=name)["BucketRegion"]
    except ClientError as error:
        # An answer without a body has no other code.
        if error.response["Error"]["Code"] == "404":
            raise RegistrationError(bucket_gone(name)) from error
        raise


def find(s3: "S3Client", name: str, key: str, version_id: str = "") -> None:
    """Look for an object that is to be read; without a version, for its newest one.

    Raises:
        ClientError: there is no such object, bucket or version, or it may not be read.
    """
    if version_id:
        answer = s3.get_object(Bucket=name, Key=key, VersionId=version_id)
    else:
        answer = s3.get_object(Bucket=name, Key=key)
    # HeadObject would say less of what is wrong.
    answer["Body"].close()


def save_link(s3: "S3Client", link: str, name: str, key: str) -> ReportStream:
    """Stream what a presigned link leads to into the bucket, and return what was counted.

    Raises:
        OSError, http.client.HTTPException: the link has expired, cannot be reached or breaks off.
    """
    # AWS hands the link out; it is fetched without credentials.
    with urllib.request.urlopen(link, timeout=LINK_TIMEOUT) as download:  # noqa: S310
        report = ReportStream(download)
        s3.upload_fileobj(report, name, key, Config=STREAMED)  # type: ignore[arg-type]
    return report


def lines_from(s3: "S3Client", name: str, key: str, offset: int) -> Iterator[bytes]:
    """Yield an object's lines with their line breaks, from so many bytes on.

    A line that is much longer than any that AWS accepts is yielded in pieces.
    """
    if not offset:
        body = s3.get_object(Bucket=name, Key=key)["Body"]
    elif offset < s3.head_object(Bucket=name, Key=key)["ContentLength"]:
        body = s3.get_object(Bucket=name, Key=key, Range=f"bytes={offset}-")["Body"]
    else:
        return
    with body:
        rest = b""
        while chunk := body.read(MIB):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in whole)
            if len(rest) > MIB:
                yield rest
                rest = b""
        if rest:
            yield rest


def read(s3: "S3Client", name: str, key: str) -> bytes | None:
    """Return an object's bytes; None when there is no such object or bucket."""
    try:
        return s3.get_object(Bucket=name, Key=key)["Body"].read()
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return None


def lines(s3: "S3Client", name: str, key: str) -> Iterator[bytes]:
    """Yield an object's lines as they arrive; none when there is no such object or bucket."""
    try:
        body = s3.get_object(Bucket=name, Key=key)["Body"]
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return
    with body:
        yield from body.iter_lines()


def all_lines(s3: "S3Client", name: str, key: str, version_id: str = "") -> Iterator[bytes]:
    """Yield the lines of an object of the user; without a version, those of its newest one.

    Raises:
        ClientError: there is no such object, bucket or version.
    """
    if version_id:
        body = s3.get_object(Bucket=name, Key=key, VersionId=version_id)["Body"]
    else:
        body = s3.get_object(Bucket=name, Key=key)["Body"]
    with body:
        yield from body.iter_lines()


def read_range(s3: "S3Client", name: str, key: str, start: int, stop: int) -> bytes:
    """Return the bytes of an object from one place to before another."""
    wanted = f"bytes={start}-{stop - 1}"
    return s3.get_object(Bucket=name, Key=key, Range=wanted)["Body"].read()


def read_with_etag(s3: "S3Client", name: str, key: str) -> tuple[bytes, str] | None:
    """Return an object's bytes and its ETag; None when there is no such object or bucket."""
    try:
        answer = s3.get_object(Bucket=name, Key=key)
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return None
    return answer["Body"].read(), answer["ETag"]


def write_if(s3: "S3Client", name: str, key: str, body: bytes, etag: str) -> str | None:
    """Write a small object if it still has this ETag; an empty one: if there is no such object.

    Returns:
        The new ETag; None when another write came before.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    try:
        if etag:
            return s3.put_object(Bucket=name, Key=key, Body=body, IfMatch=etag)["ETag"]
        return s3.put_object(Bucket=name, Key=key, Body=body, IfNoneMatch="*")["ETag"]
    except ClientError as error:
        if error.response["Error"]["Code"] in PRECONDITION_FAILED:
            return None
        raise


def write(s3: "S3Client", name: str, key: str, body: bytes) -> None:
    """Write a small object."""
    s3.put_object(Bucket=name, Key=key, Body=body)


def write_file(s3: "S3Client", name: str, key: str, path: Path) -> None:
    """Write a file of any size to an object."""
    if path.stat().st_size <= STREAMED.multipart_chunksize:
        write(s3, name, key, path.read_bytes())
    else:
        s3.upload_file(str(path), name, key, Config=STREAMED)


def read_file(s3: "S3Client", name: str, key: str, path: Path) -> bool:
    """Read an object into a file; return whether there is such an object and bucket."""
    try:
        body = s3.get_object(Bucket=name, Key=key)["Body"]
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return False
    with body, path.open("wb") as file:
        while chunk := body.read(MIB):
            file.write(chunk)
    return True


def copy_below(
    s3: "S3Client", source: tuple[str, str], target: tuple[str, str], end: float
) -> bool:
    """Copy what lies below one bucket's prefix to below another's, except what is there already.

    Returns:
        Whether all of it is there; False when the time `end`, in epoch seconds, came before.
    """
    there = {key.removeprefix(target[1]) for key in keys_below(s3, *target)}
    copied = 0
    for key in keys_below(s3, *source):
        below = key.removeprefix(source[1])
        if below in there:
            continue
        if copied and time.time() > end:
            return False
        copied += 1
        copy(s3, (source[0], key), (target[0], target[1] + below))
    return True


def keys_below(s3: "S3Client", name: str, prefix: str) -> Iterator[str]:
    """Yield the keys below a bucket's prefix in their order; none when there is no such bucket."""
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]
    except s3.exceptions.NoSuchBucket:
        return


def objects_below(s3: "S3Client", name: str, prefix: str) -> Iterator[ListedObject]:
    """Yield the objects below a bucket's prefix in the order of their keys."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
        for item in page.get("Contents", []):
            yield ListedObject(item["Key"], item["Size"], item["LastModified"].timestamp())
