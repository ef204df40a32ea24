"""IAM users, for tests of permissions."""

from __future__ import annotations

import json
from typing import Any

from botocore.config import Config

from tests.local.fleet import Fleet


def iot_of_user(fleet: Fleet, name: str, *statements: Any) -> Any:
    """A client of a user with these permissions."""
    fleet.iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    fleet.iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    key = fleet.iam.create_access_key(UserName=name)["AccessKey"]
    return fleet.aws.client(
        "iot",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"total_max_attempts": 1}),
    )
