"""The registry throttles the calls of one API beyond its quota, on a virtual clock.

Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from local.faults.service_apis import api_names
from local.iot.quotas import CALLS_PER_SECOND
from local.simulation import SimulatedAws

ONCE = Config(retries={"total_max_attempts": 1})
ALLOWED = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}


@pytest.fixture
def aws() -> Iterator[SimulatedAws]:
    with SimulatedAws() as aws:
        yield aws


def user(aws: SimulatedAws, name: str = "someone") -> Any:
    """A client of a user who may do everything in the registry and tries each call once."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ALLOWED]})
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return aws.client(
        "iot",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=ONCE,
    )


def refused(iot: Any, call: Any, times: int) -> int:
    """How many of so many calls at one moment are throttled."""
    count = 0
    for _ in range(times):
        try:
            call()
        except iot.exceptions.ThrottlingException:
            count += 1
        except iot.exceptions.ResourceNotFoundException:
            continue
    return count


def test_every_quota_is_of_an_api_that_exists() -> None:
    assert set(CALLS_PER_SECOND) <= api_names("iot")


@pytest.mark.parametrize(
    ("api", "call", "rate"),
    [
        ("DescribeThing", lambda iot: iot.describe_thing(thingName="x"), 350),
        ("DescribeThingType", lambda iot: iot.describe_thing_type(thingTypeName="x"), 100),
        ("ListThingPrincipals", lambda iot: iot.list_thing_principals(thingName="x"), 20),
        ("ListCertificates", lambda iot: iot.list_certificates(), 10),
        ("GetPolicy", lambda iot: iot.get_policy(policyName="x"), 10),
        (
            "ListAttachedPolicies",
            lambda iot: iot.list_attached_policies(
                target=f"arn:aws:iot:us-east-1:000000000000:cert/{'a' * 64}"
            ),
            15,
        ),
    ],
)
def test_the_calls_of_one_second_beyond_the_quota_are_throttled(
    aws: SimulatedAws, api: str, call: Any, rate: int
) -> None:
    iot = user(aws)

    assert refused(iot, lambda: call(iot), rate + 3) == 3
    throttled = aws.journal("throttled")
    assert [entry["api"] for entry in throttled] == [api] * 3
    assert throttled[0]["caller"].endswith(":user/someone")


def test_one_quota_is_for_all_callers_and_another_api_has_its_own(aws: SimulatedAws) -> None:
    one, another = user(aws, "one"), user(aws, "another")

    assert refused(one, one.list_things, 10) == 0
    assert refused(another, another.list_things, 1) == 1
    assert refused(another, another.list_certificates, 10) == 0


def test_calls_pass_again_as_time_passes(aws: SimulatedAws) -> None:
    iot = user(aws)
    refused(iot, iot.list_things, 10)

    aws.sleep(0.5)

    assert refused(iot, iot.list_things, 7) == 2


def test_the_error_is_the_modelled_one(aws: SimulatedAws) -> None:
    iot = user(aws)
    refused(iot, iot.list_things, 10)

    with pytest.raises(iot.exceptions.ThrottlingException, match="Rate exceeded") as raised:
        iot.list_things()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_root_who_looks_on_is_never_throttled(aws: SimulatedAws) -> None:
    iot = aws.client("iot", config=ONCE)

    assert refused(iot, iot.list_things, 100) == 0


@pytest.mark.parametrize(("quota", "throttled"), [(0, 0), (0.5, 15), (1, 10), (2, 0)])
def test_the_quotas_can_be_multiplied(quota: float, throttled: int) -> None:
    with SimulatedAws(quota=quota) as aws:
        iot = user(aws)
        assert refused(iot, iot.list_things, 20) == throttled


def test_the_quotas_can_be_changed_and_come_back(aws: SimulatedAws) -> None:
    iot = user(aws)
    aws.faults(quota=0)
    assert refused(iot, iot.list_things, 100) == 0
    aws.faults(throttling=False)
    assert refused(iot, iot.list_things, 100) == 0
    aws.faults()

    assert refused(iot, iot.list_things, 11) == 1


@pytest.mark.parametrize(("quota", "throttled"), [(0, 2), (0.5, 7), (1, 2)])
def test_the_calls_of_registration_tasks_are_multiplied_too(quota: float, throttled: int) -> None:
    with SimulatedAws(quota=quota) as aws:
        iot = user(aws)
        assert refused(iot, iot.list_thing_registration_tasks, 12) == throttled
