"""boto3 clients for ministack itself, as one AWS service calls another."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config

from local.ministack.scope import Scope

_lock = threading.Lock()
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3})
# Links signed with version 4: of version 2, ministack does not check a root's signature.
_S3_CONFIG = _CONFIG.merge(Config(s3={"addressing_style": "path"}, signature_version="s3v4"))


@dataclass(frozen=True)
class Credentials:
    """Credentials of an assumed role, or of an account's root (no token)."""

    access_key: str
    secret_key: str
    token: str | None = None


def root_of(account: str) -> Credentials:
    """Return the root credentials of an account: for ministack its number is the access key."""
    return Credentials(account, os.environ["AWS_SECRET_ACCESS_KEY"])


@lru_cache(maxsize=64)
def client(service: str, region: str, credentials: Credentials) -> Any:
    """Return a client for one service; several threads may use it."""
    # A session reads the service's model once; that takes longer than most calls here.
    with _lock:
        return _session().client(
            service,
            region_name=region,
            endpoint_url=os.environ["AWS_ENDPOINT_URL"],
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=_S3_CONFIG if service == "s3" else _CONFIG,
        )


def assume_role(scope: Scope, role_arn: str, session_name: str) -> Credentials:
    """Return the credentials of a role, as an AWS service gets them from STS.

    Raises:
        botocore.exceptions.ClientError: the role cannot be assumed.
    """
    sts = client("sts", scope.region, root_of(scope.account))
    given = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


@lru_cache(maxsize=1)
def _session() -> Any:
    return boto3.session.Session()
