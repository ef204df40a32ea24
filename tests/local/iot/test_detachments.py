"""What can be deleted, and when: a detachment propagates, perhaps late."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet, eventually

pytestmark = pytest.mark.slow
LAG = 4


@pytest.fixture
def certificate(fleet: Fleet, name: str) -> tuple[str, str]:
    """The id and the ARN of an active certificate that a thing has."""
    fleet.iot.create_thing(thingName=name)
    made = fleet.iot.create_keys_and_certificate(setAsActive=True)
    fleet.iot.attach_thing_principal(thingName=name, principal=made["certificateArn"])
    return made["certificateId"], made["certificateArn"]


def refusal(call: Callable[[], object]) -> str:
    """The code with which AWS refuses a call; empty if it does not."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def test_a_certificate_that_is_active_or_attached_cannot_be_deleted(
    fleet: Fleet, name: str, certificate: tuple[str, str]
) -> None:
    certificate_id, arn = certificate

    def delete() -> str:
        return refusal(
            lambda: fleet.iot.delete_certificate(certificateId=certificate_id, forceDelete=True)
        )

    assert delete() == "CertificateStateException"
    fleet.iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    assert delete() == "DeleteConflictException"
    fleet.iot.detach_thing_principal(thingName=name, principal=arn)
    assert delete() == ""


def test_only_force_deletes_a_certificate_that_has_a_policy_and_the_policy_stays(
    fleet: Fleet, name: str, certificate: tuple[str, str]
) -> None:
    certificate_id, arn = certificate
    document = '{"Version": "2012-10-17", "Statement": []}'
    fleet.iot.create_policy(policyName=name, policyDocument=document)
    fleet.iot.attach_policy(policyName=name, target=arn)
    fleet.iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    fleet.iot.detach_thing_principal(thingName=name, principal=arn)
    gentle = refusal(lambda: fleet.iot.delete_certificate(certificateId=certificate_id))

    fleet.iot.delete_certificate(certificateId=certificate_id, forceDelete=True)

    assert gentle == "DeleteConflictException"
    assert fleet.iot.list_targets_for_policy(policyName=name)["targets"] == []


def test_a_thing_with_a_principal_cannot_be_deleted_and_one_that_is_gone_can(
    fleet: Fleet, name: str, certificate: tuple[str, str]
) -> None:
    attached = refusal(lambda: fleet.iot.delete_thing(thingName=name))
    fleet.iot.detach_thing_principal(thingName=name, principal=certificate[1])

    assert attached == "InvalidRequestException"
    assert refusal(lambda: fleet.iot.delete_thing(thingName=name)) == ""
    assert refusal(lambda: fleet.iot.delete_thing(thingName=name)) == ""


def test_a_detachment_reaches_lists_and_deletions_some_seconds_later(
    fleet: Fleet, name: str, certificate: tuple[str, str]
) -> None:
    certificate_id, arn = certificate
    fleet.iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
    fleet.aws.faults(throttling=False, detachment_lag_seconds=LAG)

    fleet.iot.detach_thing_principal(thingName=name, principal=arn)

    assert fleet.iot.list_thing_principals(thingName=name)["principals"] == [arn]
    assert fleet.iot.list_principal_things(principal=arn)["things"] == [name]
    assert refusal(lambda: fleet.iot.delete_thing(thingName=name)) == "InvalidRequestException"
    deleting = {"certificateId": certificate_id, "forceDelete": True}
    assert refusal(lambda: fleet.iot.delete_certificate(**deleting)) == "DeleteConflictException"
    assert fleet.aws.fault_strikes()["detachment_lag_seconds"] == 2
    eventually(
        lambda: refusal(lambda: fleet.iot.delete_thing(thingName=name)), lambda code: not code
    )
    assert refusal(lambda: fleet.iot.delete_certificate(**deleting)) == ""


def test_what_is_attached_again_meanwhile_is_attached(
    fleet: Fleet, name: str, certificate: tuple[str, str]
) -> None:
    fleet.aws.faults(throttling=False, detachment_lag_seconds=LAG)
    fleet.iot.detach_thing_principal(thingName=name, principal=certificate[1])

    fleet.iot.attach_thing_principal(thingName=name, principal=certificate[1])

    assert fleet.iot.list_principal_things(principal=certificate[1])["things"] == [name]
    assert refusal(lambda: fleet.iot.delete_thing(thingName=name)) == "InvalidRequestException"
