"""The boto3 clients of one identity; AWS_REGION and AWS_ENDPOINT_URL count as everywhere."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

RETRYING = Config(retries={"mode": "standard", "total_max_attempts": 6})
# LimitExceededException would be retried as throttling, though it is an answer that is asked for;
# and a Start that is sent twice may start two tasks.
ONCE = Config(retries={"total_max_attempts": 1})


@dataclass
class Clients:
    """The clients, each made when it is first used."""

    session: Any = field(
        default_factory=lambda: boto3.session.Session(region_name=os.environ.get("AWS_REGION"))
    )

    def __post_init__(self) -> None:
        self._made: dict[tuple[str, bool], Any] = {}

    @property
    def region(self) -> str | None:
        """Return the Region, None if no setting names one."""
        region = self.session.region_name
        return None if region is None else str(region)

    def get(self, service: str, *, once: bool = False) -> Any:
        """Return the client of a service; with `once` it never sends a request again."""
        made = self._made.get((service, once))
        if made is None:
            made = self.session.client(service, config=ONCE if once else RETRYING)
            self._made[service, once] = made
        return made

    @property
    def iot(self) -> Any:
        """Return the client of AWS IoT."""
        return self.get("iot")

    def assume(self, role_arn: str, session_name: str) -> Clients:
        """Return the clients of a role."""
        given = self.get("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)
        credentials = given["Credentials"]
        return Clients(
            boto3.session.Session(
                aws_access_key_id=credentials["AccessKeyId"],
                aws_secret_access_key=credentials["SecretAccessKey"],
                aws_session_token=credentials["SessionToken"],
                region_name=self.region,
            )
        )
