"""Check the input file where it lies in S3, before anything starts.

A file that came as an asset was checked line by line at synth; of one that the user has put into a
bucket, only its beginning is looked at here.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

import bucket
from failures import RegistrationError
from request import Declaration

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# https://docs.aws.amazon.com/general/latest/gr/iot-core.html, "Maximum line length"
MAX_LINE_BYTES = 256_000
LOOKED_AT_LINES = 10


def check_input(s3: "S3Client", declaration: Declaration) -> None:
    """Look at the object that will be copied, and at the bucket that AWS IoT will read.

    Raises:
        RegistrationError: the object is missing, forbidden or empty, one of its first lines is not
            a JSON object with a value for every parameter, or the bucket is in another Region.
    """
    region = bucket.region(s3, declaration.bucket)
    if region != s3.meta.region_name:
        raise RegistrationError(
            f"bucket {declaration.bucket} must be in the Region of the things, "
            f"{s3.meta.region_name}, got {region}"
        )
    source = f"s3://{declaration.source_bucket}/{declaration.source_key}"
    try:
        beginning = bucket.beginning(
            s3, declaration.source_bucket, declaration.source_key, LOOKED_AT_LINES * MAX_LINE_BYTES
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise RegistrationError(
            f"the input file {source} must exist and be readable for the worker's role, got {code}"
        ) from error
    for number, line in enumerate(_first_lines(beginning), 1):
        problem = _problem(line, declaration.template_body)
        if problem:
            raise RegistrationError(f"{source}:{number}: {problem}")


def _first_lines(beginning: bytes) -> list[bytes]:
    lines = beginning.removesuffix(b"\n").split(b"\n")
    if len(lines) > 1 and len(beginning) == LOOKED_AT_LINES * MAX_LINE_BYTES:
        # The last one may go on.
        lines.pop()
    return lines[:LOOKED_AT_LINES]


def _problem(line: bytes, template_body: str) -> str:
    """Return what AWS would refuse of the line; empty when nothing is found."""
    if len(line) > MAX_LINE_BYTES:
        return f"a line must have at most {MAX_LINE_BYTES} bytes, got {len(line)} or more"
    try:
        device = json.loads(line.decode("utf-8"))
    except ValueError as error:
        return f"a line must be a JSON object in UTF-8, got {line[:80]!r} ({error})"
    if not isinstance(device, dict):
        return f"a line must be a JSON object, got {line[:80]!r}"
    missing = [name for name in _required(template_body) if name not in device]
    if missing:
        return f"{missing[0]}: a parameter without a Default must have a value, got none"
    return ""


def _required(template_body: str) -> Iterator[str]:
    parameters = json.loads(template_body).get("Parameters", {})
    return (name for name, parameter in parameters.items() if "Default" not in parameter)
