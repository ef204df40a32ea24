"""The calls to S3: the input file, the reports and the record of the last task."""

import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from errors import RegistrationError
from report_stream import ReportStream
from timing import LINK_TIMEOUT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

MIB = 1024 * 1024
# Parts are copied inside S3, so large ones cost the worker nothing.
SERVER_SIDE = TransferConfig(multipart_threshold=256 * MIB, multipart_chunksize=256 * MIB)
# One part at a time in the worker's memory; 10,000 parts of 16 MiB hold a report of 156 GiB.
STREAMED = TransferConfig(multipart_chunksize=16 * MIB, use_threads=False)


def copy(s3: "S3Client", source: tuple[str, str], target: tuple[str, str]) -> None:
    """Copy an object inside S3, of any size."""
    s3.copy({"Bucket": source[0], "Key": source[1]}, target[0], target[1], Config=SERVER_SIDE)


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
            raise RegistrationError(f"bucket {name} does not exist") from error
        raise


def beginning(s3: "S3Client", name: str, key: str, length: int) -> bytes:
    """Return so many of an object's first bytes, or all when it has fewer."""
    return s3.get_object(Bucket=name, Key=key)["Body"].read(length)


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


def count_lines(s3: "S3Client", name: str, key: str) -> int:
    """Return how many lines of an object are not blank."""
    body = s3.get_object(Bucket=name, Key=key)["Body"]
    with body:
        return sum(1 for line in body.iter_lines(MIB) if line.strip())


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


def write(s3: "S3Client", name: str, key: str, body: bytes) -> None:
    """Write a small object."""
    s3.put_object(Bucket=name, Key=key, Body=body)


def empty(s3: "S3Client", name: str, prefix: str) -> None:
    """Delete every version of every object under the prefix; a missing bucket is empty.

    Raises:
        RegistrationError: S3 refused to delete one of them.
    """
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name, Prefix=prefix):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            doomed: list[ObjectIdentifierTypeDef] = [
                {"Key": item["Key"], "VersionId": item["VersionId"]} for item in found
            ]
            if not doomed:
                continue
            answer = s3.delete_objects(Bucket=name, Delete={"Objects": doomed, "Quiet": True})
            for error in answer.get("Errors", []):
                raise RegistrationError(
                    f"s3://{name}/{error['Key']} could not be deleted: {error['Message']}"
                )
    except s3.exceptions.NoSuchBucket:
        return
