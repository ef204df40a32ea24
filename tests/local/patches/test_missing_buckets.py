"""Calls on a bucket that does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet
from tests.local.users import iot_of_user

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def s3(fleet_of_file: Fleet) -> Any:
    """A client of a user who may do nothing in S3."""
    fleet_of_file.s3.create_bucket(Bucket="there")
    iot = iot_of_user(
        fleet_of_file, "no-rights", {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}
    )
    credentials = iot._request_signer._credentials
    return fleet_of_file.aws.client(
        "s3",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda s3, bucket: s3.get_object(Bucket=bucket, Key="x"),
        lambda s3, bucket: s3.put_object(Bucket=bucket, Key="x", Body=b""),
        lambda s3, bucket: s3.list_object_versions(Bucket=bucket),
    ],
)
def test_a_missing_bucket_is_no_such_bucket_and_another_is_denied(s3: Any, call: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        call(s3, "missing")
    with pytest.raises(ClientError, match="AccessDenied"):
        call(s3, "there")


def test_a_new_bucket_needs_the_right_to_make_it(s3: Any) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.create_bucket(Bucket="new")
