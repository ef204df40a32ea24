"""Who may start a task, and what a task may do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import LocalAws
from tests.local.fleet import BUCKET, THING_TEMPLATE, TRUST, Fleet
from tests.local.users import iot_of_user

pytestmark = pytest.mark.slow
IOT = "iot.amazonaws.com"
GUARDED = "guarded"
CALLS = {
    "Effect": "Allow",
    "Action": ["iot:*ThingRegistrationTask*", "iot:RegisterThing"],
    "Resource": "*",
}


def pass_role(fleet: Fleet, service: str = "iot.amazonaws.com") -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": fleet.role_arn,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }


def start(fleet: Fleet, iot: Any) -> dict[str, Any]:
    fleet.upload("rights.jsonl", [{"ThingName": "a"}])
    task_id = iot.start_thing_registration_task(
        templateBody=json.dumps(THING_TEMPLATE),
        inputFileBucket=BUCKET,
        inputFileKey="rights.jsonl",
        roleArn=fleet.role_arn,
    )["taskId"]
    return fleet.finished(task_id)


def test_a_caller_who_may_pass_the_role_starts_a_task(fleet: Fleet) -> None:
    iot = iot_of_user(fleet, "passes", CALLS, pass_role(fleet))

    assert start(fleet, iot)["status"] == "Completed"


@pytest.mark.parametrize(
    ("filled", "operator", "allowed"),
    [
        (True, "StringEquals", True),
        (True, "StringEqualsIfExists", True),
        (False, "StringEquals", False),
        (False, "StringEqualsIfExists", True),
    ],
)
def test_pass_role_is_evaluated_with_and_without_the_key_of_the_service(
    fleet: Fleet, filled: bool, operator: str, allowed: bool
) -> None:
    statement = {**pass_role(fleet), "Condition": {operator: {"iam:PassedToService": IOT}}}
    iot = iot_of_user(fleet, f"passes-{filled}-{operator}", CALLS, statement)
    fleet.aws.faults(throttling=False, passed_to_service_key=filled)

    if allowed:
        assert start(fleet, iot)["status"] == "Completed"
    else:
        with pytest.raises(ClientError, match="iam:PassRole"):
            start(fleet, iot)
    if not filled:
        assert fleet.aws.fault_strikes() == {"passed_to_service_key": 1}


def test_another_service_in_the_condition_is_denied_under_both_operators(fleet: Fleet) -> None:
    for operator in ("StringEquals", "StringEqualsIfExists"):
        condition = {operator: {"iam:PassedToService": "ec2.amazonaws.com"}}
        statement = {**pass_role(fleet), "Condition": condition}
        iot = iot_of_user(fleet, f"passes-to-ec2-{operator}", CALLS, statement)
        with pytest.raises(ClientError, match="iam:PassRole"):
            start(fleet, iot)


def test_a_caller_who_may_not_pass_the_role_is_denied(fleet: Fleet) -> None:
    for name, statements in (
        ("passes-nothing", [CALLS]),
        ("passes-to-another", [CALLS, pass_role(fleet, "lambda.amazonaws.com")]),
    ):
        with pytest.raises(ClientError, match=r"AccessDenied.*iam:PassRole"):
            start(fleet, iot_of_user(fleet, name, *statements))


def test_a_caller_without_the_call_is_denied(fleet: Fleet) -> None:
    iot = iot_of_user(fleet, "no-calls", pass_role(fleet))

    with pytest.raises(ClientError, match=r"AccessDenied.*StartThingRegistrationTask"):
        start(fleet, iot)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("for-lambda", {"Principal": {"Service": "lambda.amazonaws.com"}}),
        ("for-users", {"Principal": {"AWS": "*"}}),
        (
            "with-condition",
            {"Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}}},
        ),
    ],
)
def test_a_role_that_iot_may_not_assume_is_refused(
    fleet: Fleet, name: str, change: dict[str, Any]
) -> None:
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], **change}]}  # type: ignore[dict-item]
    role = fleet.new_role(name, trust)

    with pytest.raises(ClientError, match=r"InvalidRequest.*unable to perform: sts:AssumeRole"):
        fleet.start([{"ThingName": "a"}], roleArn=role)


def test_a_role_that_does_not_exist_is_refused(fleet: Fleet) -> None:
    with pytest.raises(ClientError, match="unable to perform: sts:AssumeRole"):
        fleet.start([{"ThingName": "a"}], roleArn=fleet.role_arn + "-not")


def test_a_role_that_may_not_read_the_file_fails_the_task(fleet: Fleet) -> None:
    role = fleet.new_role("reads-nothing", reads=False)

    task = fleet.run([{"ThingName": "a"}], roleArn=role)

    assert task["status"] == "Failed"
    assert "GetObject" in task["message"]


def test_a_role_without_a_right_fails_the_lines_that_need_it(fleet: Fleet) -> None:
    role = fleet.new_role("makes-nothing")
    deny = {"Effect": "Deny", "Action": "iot:CreateThing", "Resource": "*:thing/denied"}
    fleet.iam.put_role_policy(
        RoleName="makes-nothing",
        PolicyName="deny",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )

    task = fleet.run([{"ThingName": "allowed"}, {"ThingName": "denied"}], roleArn=role)

    assert (task["successCount"], task["failureCount"]) == (1, 1)
    (error,) = fleet.report(task["taskId"], "ERRORS")
    assert error["errorCode"] == "AccessDeniedException"
    assert "iot:CreateThing" in error["errorMessage"]
    assert "assumed-role/makes-nothing/" in error["errorMessage"]


def test_register_thing_has_the_rights_of_its_caller(fleet: Fleet) -> None:
    iot = iot_of_user(fleet, "registers", CALLS)

    with pytest.raises(ClientError, match=r"AccessDenied.*iot:DescribeThing"):
        iot.register_thing(
            templateBody=json.dumps(THING_TEMPLATE), parameters={"ThingName": "mine"}
        )


def test_without_enforcement_nobody_is_asked() -> None:
    with LocalAws(auth=False) as aws:
        fleet = Fleet(aws)
        aws.faults(throttling=False)
        nobody = aws.client("iot", aws_access_key_id="AKIAUNKNOWN", aws_secret_access_key="x")
        role = f"arn:aws:iam::{aws.account}:role/no-such-role"

        fleet.upload("rights.jsonl", [{"ThingName": "a"}])
        task_id = nobody.start_thing_registration_task(
            templateBody=json.dumps(THING_TEMPLATE),
            inputFileBucket=BUCKET,
            inputFileKey="rights.jsonl",
            roleArn=role,
        )["taskId"]
        assert fleet.finished(task_id)["successCount"] == 1


def status_in_guarded_bucket(fleet: Fleet, role_arn: str, *statements: dict[str, Any]) -> str:
    """How a task ends that reads its input from a bucket with these statements.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    fleet.s3.create_bucket(Bucket=GUARDED)
    fleet.s3.put_object(Bucket=GUARDED, Key="in.jsonl", Body=b'{"ThingName": "guarded"}\n')
    arn = f"arn:aws:s3:::{GUARDED}/*"
    common = {"Action": "s3:GetObject", "Principal": {"AWS": role_arn}, "Resource": arn}
    policy = [{**common, **statement} for statement in statements]
    fleet.s3.put_bucket_policy(
        Bucket=GUARDED, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy})
    )
    task_id = fleet.start(key="in.jsonl", inputFileBucket=GUARDED, roleArn=role_arn)
    status: str = fleet.finished(task_id)["status"]
    return status


def test_the_policy_of_the_bucket_is_enough_for_the_role_that_it_names(fleet: Fleet) -> None:
    named = fleet.new_role("named", reads=False)
    other = fleet.new_role("other", reads=False)
    allow = {"Effect": "Allow"}

    assert status_in_guarded_bucket(fleet, named, allow) == "Completed"
    assert (
        status_in_guarded_bucket(fleet, other, {**allow, "Principal": {"AWS": named}}) == "Failed"
    )


def test_a_deny_of_the_bucket_wins(fleet: Fleet) -> None:
    role = fleet.new_role("denied", reads=False)

    assert (
        status_in_guarded_bucket(fleet, role, {"Effect": "Allow"}, {"Effect": "Deny"}) == "Failed"
    )
