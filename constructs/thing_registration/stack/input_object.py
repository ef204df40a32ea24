"""The object in S3 where the worker finds the input file when the stack deploys."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from thing_registration.checks.lines.json_lines import temporary_file
from thing_registration.input_file import InputFile
from thing_registration.verdict import Verdict

# The key of an asset is the hash of its content and this suffix. The worker may read all such keys
# of the asset bucket: its rights must not change with the file, because changed rights reach S3
# later than the worker that needs them.
SUFFIX = ".jsonl"


@dataclass(frozen=True)
class InputObject:
    """An object in S3, what may be read to get it, and what changes when its content does.

    The version is empty where none is stated.
    """

    bucket: s3.IBucket
    key: str
    version_id: str
    readable_keys: str
    content_hash: str
    is_asset: bool


def input_object(scope: Construct, input_file: InputFile, verdict: Verdict) -> InputObject:
    """Return the object that the user named, or an asset of the file that was checked."""
    if input_file.bucket is not None and input_file.key is not None:
        # Its content is not known here: another key or version is another input.
        bucket, key, version = input_file.bucket, input_file.key, input_file.version_id or ""
        url = bucket.s3_url_for_object(key)
        if version:
            url = f"{url}?versionId={version}"
        return InputObject(bucket, key, version, key, url, is_asset=False)
    asset = s3_assets.Asset(
        scope, "InputFile", path=str(_with_suffix(Path(str(verdict.canonical))))
    )
    return InputObject(
        asset.bucket, asset.s3_object_key, "", f"*{SUFFIX}", asset.asset_hash, is_asset=True
    )


def _with_suffix(path: Path) -> Path:
    """Return the file under a name whose suffix the key of its asset keeps."""
    # CDK takes the suffix of the key from the name of the file; in a policy, `.JSONL` is another.
    if path.suffix == SUFFIX:
        return path
    return Path(shutil.copyfile(path, temporary_file(f"input{SUFFIX}")))
