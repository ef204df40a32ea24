"""The object in S3 where the worker finds the input file when the stack deploys."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from thing_registration.input_file import InputFile
from thing_registration.verdict import Verdict


@dataclass(frozen=True)
class InputObject:
    """An object in S3, and what changes when its content does."""

    bucket: s3.IBucket
    key: str
    content_hash: str


def input_object(scope: Construct, input_file: InputFile, verdict: Verdict) -> InputObject:
    """Return the object that the user named, or an asset of the file that was checked."""
    if input_file.bucket is not None and input_file.key is not None:
        # Its content is not known here: another key is another input.
        bucket = input_file.bucket
        return InputObject(bucket, input_file.key, bucket.s3_url_for_object(input_file.key))
    asset = s3_assets.Asset(scope, "InputFile", path=str(verdict.canonical))
    return InputObject(asset.bucket, asset.s3_object_key, asset.asset_hash)
