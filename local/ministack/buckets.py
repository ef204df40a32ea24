"""Buckets of ministack's S3."""

from __future__ import annotations

from ministack.services import s3


def bucket_region(bucket: str) -> str | None:
    """Return the Region of a bucket of the current account, None if there is no such bucket."""
    region = s3.bucket_region(bucket)
    return None if region is None else str(region)
