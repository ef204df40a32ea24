"""The clients of a command, with the usual credentials."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thing_registration.deployed.errors import CommandError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iot import IoTClient
    from mypy_boto3_s3 import S3Client

_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 6})


class AwsSession:
    """An account and a Region.

    Args:
        profile: of the shared configuration; None: the one of the environment.
        region: None: that of AWS_REGION, AWS_DEFAULT_REGION or the profile, in this order.
        endpoint_url: of another AWS than the real one.

    Raises:
        BotoCoreError: there is no such profile.

    Every client raises CommandError if the settings of the environment or the profile are invalid.
    """

    def __init__(
        self,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
    ) -> None:
        self._arguments = (profile, endpoint_url)
        # boto3 does not know AWS_REGION, which the AWS command line and AWS's other SDKs prefer.
        region = region or os.environ.get("AWS_REGION") or None
        self._session = boto3.session.Session(profile_name=profile, region_name=region)
        self._settings: dict[str, Any] = {"endpoint_url": endpoint_url, "config": _PATIENT}

    def in_region(self, region: str) -> AwsSession:
        """Return the same account in another Region."""
        if region == self._session.region_name:
            return self
        profile, endpoint_url = self._arguments
        return AwsSession(profile, region, endpoint_url)

    @property
    def region(self) -> str:
        """The Region that is asked."""
        return self.cloudformation.meta.region_name

    @cached_property
    def account(self) -> str | None:
        """The number of the account; None where AWS does not tell. Nobody needs a right for it.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        try:
            return str(self._client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError):
            return None

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """For the deployed stack."""
        return self._client("cloudformation")  # type: ignore[no-any-return]

    @cached_property
    def s3(self) -> S3Client:
        """For the state, and for input files in a bucket."""
        return self._client("s3")  # type: ignore[no-any-return]

    @cached_property
    def iot(self) -> IoTClient:
        """For what the registry says of devices."""
        return self._client("iot")  # type: ignore[no-any-return]

    def _client(self, service: Any) -> Any:
        try:
            client = self._session.client(service, **self._settings)
        except BotoCoreError:
            raise
        except ValueError as error:
            raise CommandError(
                f"AWS cannot be asked with these settings ({error}): check AWS_ENDPOINT_URL, and "
                "what the profile says, such as its endpoint_url and credential_process"
            ) from error
        # S3's refusals do not say of what.
        client.meta.events.register("before-call.s3", _keep_url)
        client.meta.events.register("after-call.s3", _name_url)
        return client


def _keep_url(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["url"] = params["url"]


def _name_url(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if "Error" in parsed:
        parsed["Error"]["Url"] = context["url"]
