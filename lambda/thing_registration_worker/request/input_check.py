"""Check that the input file can be read and sent, before anything starts.

Its lines are checked when they are compared with the state.
"""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker.aws import s3 as s3_calls
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import bucket_elsewhere, input_unreadable
from thing_registration_worker.request.declaration import Declaration

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Believed only after a while, by the step that called.
DENIED = ("AccessDenied", "403")


def check_input(s3: "S3Client", declaration: Declaration) -> None:
    """Check the object that will be copied, and the bucket that AWS IoT will read.

    Raises:
        ClientError: the object is forbidden.
        RegistrationError: the object is missing, or the bucket is in another Region.
    """
    region = s3_calls.region(s3, declaration.bucket)
    if region != s3.meta.region_name:
        raise RegistrationError(bucket_elsewhere(declaration.bucket, s3.meta.region_name, region))
    bucket, key = declaration.input_bucket, declaration.input_key
    try:
        s3_calls.find(s3, bucket, key, declaration.source_version_id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in DENIED:
            raise
        raise RegistrationError(input_unreadable(declaration.input_uri, code)) from error
