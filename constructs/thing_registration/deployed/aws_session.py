"""The clients of a plan, with the usual credentials."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iot import IoTClient
    from mypy_boto3_s3 import S3Client

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 6})


class AwsSession:
    """An account and a Region.

    Args:
        profile: of the shared configuration; None: the one of the environment.
        region: None: that of the environment or the profile.
        endpoint_url: of another AWS than the real one.

    Raises:
        BotoCoreError: there is no such profile.
    """

    def __init__(
        self,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
    ) -> None:
        self._arguments = (profile, endpoint_url)
        self._session = boto3.session.Session(profile_name=profile, region_name=region)
        self._settings: dict[str, Any] = {"endpoint_url": endpoint_url, "config": _PATIENT}

    def in_region(self, region: str) -> AwsSession:
        """Return the same account in another Region."""
        if region == self._session.region_name:
            return self
        profile, endpoint_url = self._arguments
        return AwsSession(profile, region, endpoint_url)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """For the deployed stack."""
        return self._session.client("cloudformation", **self._settings)

    @cached_property
    def s3(self) -> S3Client:
        """For the state, and for input files in a bucket."""
        return self._session.client("s3", **self._settings)

    @cached_property
    def iot(self) -> IoTClient:
        """For what the registry says of devices."""
        return self._session.client("iot", **self._settings)
