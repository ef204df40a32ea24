"""Check the input file where it lies in S3, before anything starts.

A file that came as an asset was checked line by line at synth. Of a file that the user has put into
a bucket, only its beginning is checked here.
"""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker.aws import s3 as s3_calls
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import bucket_elsewhere, input_unreadable
from thing_registration_worker.request.declaration import Declaration

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# https://docs.aws.amazon.com/general/latest/gr/iot-core.html, "Maximum line length"
MAX_LINE_BYTES = 256_000
CHECKED_LINES = 10
# Believed only after a while, by the step that called.
DENIED = ("AccessDenied", "403")


def check_input(s3: "S3Client", declaration: Declaration) -> None:
    """Check the object that will be copied, and the bucket that AWS IoT will read.

    Raises:
        ClientError: the object is forbidden.
        RegistrationError: the object is missing or empty, one of its first lines is not
            a JSON object with a value for every parameter that the template refers to, or the
            bucket is in another Region.
    """
    region = s3_calls.region(s3, declaration.bucket)
    if region != s3.meta.region_name:
        raise RegistrationError(bucket_elsewhere(declaration.bucket, s3.meta.region_name, region))
    bucket, key = declaration.input_bucket, declaration.input_key
    uri = declaration.input_uri
    try:
        size = CHECKED_LINES * MAX_LINE_BYTES
        beginning = s3_calls.beginning(s3, bucket, key, size, declaration.source_version_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise
        raise RegistrationError(input_unreadable(uri, error.response["Error"]["Code"])) from error
    required = declaration.template.required_parameters
    for number, line in enumerate(_first_lines(beginning), 1):
        problem = _problem(line, required)
        if problem:
            raise RegistrationError(f"{uri}:{number}: {problem}")


def _first_lines(beginning: bytes) -> list[bytes]:
    lines = beginning.removesuffix(b"\n").split(b"\n")
    if len(lines) > 1 and len(beginning) == CHECKED_LINES * MAX_LINE_BYTES:
        # The last one may go on.
        lines.pop()
    return lines[:CHECKED_LINES]


def _problem(line: bytes, required: list[str]) -> str:
    """Return what AWS would refuse of the line; empty when nothing is found."""
    if len(line) > MAX_LINE_BYTES:
        return f"a line must have at most {MAX_LINE_BYTES} bytes, got {len(line)} or more"
    try:
        device = json.loads(line.decode("utf-8"))
    except ValueError as error:
        return f"a line must be a JSON object in UTF-8, got {line[:80]!r} ({error})"
    if not isinstance(device, dict):
        return f"a line must be a JSON object, got {line[:80]!r}"
    missing = [name for name in required if name not in device]
    if missing:
        return f"{missing[0]}: a parameter without a Default must have a value, got none"
    return ""
