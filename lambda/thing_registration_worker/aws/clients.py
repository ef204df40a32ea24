"""The AWS clients, made when first used."""

from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from thing_registration_worker.timing import CONNECT_TIMEOUT, READ_TIMEOUT, START_READ_TIMEOUT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iot import IoTClient
    from mypy_boto3_s3 import S3Client

# Retries ThrottlingException and InternalFailureException with backoff and jitter.
RETRYING = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
)
# A start whose answer is lost may have reached AWS: its task is looked for before the next start.
ONCE = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=START_READ_TIMEOUT,
)


class Clients:
    """The clients of one worker."""

    @cached_property
    def iot(self) -> "IoTClient":
        """For every call but the start."""
        return boto3.client("iot", config=RETRYING)

    @cached_property
    def iot_once(self) -> "IoTClient":
        """For the start: never retries."""
        return boto3.client("iot", config=ONCE)

    @cached_property
    def s3(self) -> "S3Client":
        """For the input, the reports and the record of the last task."""
        return boto3.client("s3", config=RETRYING)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """For the stack's status."""
        return boto3.client("cloudformation", config=RETRYING)
