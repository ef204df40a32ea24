"""Deletes objects in all their versions."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from thing_registration_worker.errors import RegistrationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def empty(s3: "S3Client", name: str, places: tuple[str, ...], end: float) -> bool:
    """Delete every version of what lies in these places; a missing bucket is empty.

    Args:
        s3: the client.
        name: the bucket.
        places: prefixes that end in a slash, and keys.
        end: when to leave the rest to the next call, in epoch seconds.

    Returns:
        Whether nothing was left, so that nothing had to be deleted.

    Raises:
        RegistrationError: S3 refused to delete one of them.
    """
    was_empty = True
    for doomed in _versions(s3, name, places):
        was_empty = False
        answer = s3.delete_objects(Bucket=name, Delete={"Objects": doomed, "Quiet": True})
        for error in answer.get("Errors", []):
            raise RegistrationError(
                f"s3://{name}/{error['Key']} could not be deleted: {error['Message']}"
            )
        if time.time() > end:
            break
    return was_empty


def _versions(
    s3: "S3Client", name: str, places: tuple[str, ...]
) -> "Iterator[list[ObjectIdentifierTypeDef]]":
    """Yield what can be deleted by one call each, at most 1,000 versions."""
    try:
        for place in places:
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=name, Prefix=place)
            for page in pages:
                found: list[ObjectIdentifierTypeDef] = [
                    {"Key": item["Key"], "VersionId": item["VersionId"]}
                    for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                    if place.endswith("/") or item["Key"] == place
                ]
                if found:
                    yield found
    except s3.exceptions.NoSuchBucket:
        return
