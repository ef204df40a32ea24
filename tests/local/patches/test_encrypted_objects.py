"""Objects under a customer managed key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet
from tests.local.users import iot_of_user

pytestmark = pytest.mark.slow
LINE = b'{"ThingName": "encrypted"}\n'


@pytest.fixture(scope="module")
def key(fleet_of_file: Fleet) -> str:
    arn: str = fleet_of_file.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    fleet_of_file.s3.create_bucket(Bucket="encrypted")
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    fleet_of_file.s3.put_bucket_encryption(
        Bucket="encrypted",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    fleet_of_file.s3.put_object(Bucket="encrypted", Key="devices.jsonl", Body=LINE)
    return arn


def allow(fleet: Fleet, role: str, action: str, resource: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    fleet.iam.put_role_policy(
        RoleName=role,
        PolicyName=action.replace(":", "-"),
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def run(fleet: Fleet, role_arn: str) -> dict[str, Any]:
    task_id = fleet.start(key="devices.jsonl", inputFileBucket="encrypted", roleArn=role_arn)
    return fleet.finished(task_id)


def test_a_role_without_decrypt_cannot_read_the_input_file(fleet: Fleet, key: str) -> None:
    role_arn = fleet.new_role("without-decrypt")
    allow(fleet, "without-decrypt", "s3:GetObject", "arn:aws:s3:::encrypted/*")

    denied = run(fleet, role_arn)
    allow(fleet, "without-decrypt", "kms:Decrypt", key)
    allowed = run(fleet, role_arn)

    assert (denied["status"], "kms:Decrypt" in denied["message"]) == ("Failed", True)
    assert (allowed["status"], allowed["successCount"]) == ("Completed", 1)


@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("kms:Decrypt", lambda s3: s3.get_object(Bucket="encrypted", Key="devices.jsonl")),
        ("kms:GenerateDataKey", lambda s3: s3.put_object(Bucket="encrypted", Key="x", Body=b"x")),
        (
            "kms:Decrypt",
            lambda s3: s3.copy_object(
                Bucket="plain", Key="y", CopySource={"Bucket": "encrypted", "Key": "devices.jsonl"}
            ),
        ),
        (
            "kms:GenerateDataKey",
            lambda s3: s3.create_multipart_upload(Bucket="encrypted", Key="z"),
        ),
    ],
)
def test_each_call_needs_its_permission_on_the_key(
    fleet: Fleet, key: str, action: str, call: Any
) -> None:
    name = f"user-{abs(hash((action, call)))}"
    fleet.s3.create_bucket(Bucket="plain")
    anything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iot = iot_of_user(fleet, name, anything)
    credentials = iot._request_signer._credentials
    s3 = fleet.aws.client(
        "s3",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
    )

    with pytest.raises(ClientError, match=action):
        call(s3)

    both = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key}
    fleet.iam.put_user_policy(
        UserName=name,
        PolicyName="key",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [both]}),
    )
    call(s3)
