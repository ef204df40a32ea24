"""What is not retired: too much at once, what is not ours, and what AWS refuses."""

import json
from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.devices import device
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.removal.conftest import NAMES
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_more_devices_than_may_be_retired_at_once_fail_before_anything_is_sent(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    deployed.declare(MaxDeregistered="1")
    deployed.declare_devices([device("added"), deployed.devices()[0]])

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "nothing was registered: 2 of 3 registered devices are no longer in the input file, and at "
        "most 1 may be deregistered at once: if the file is complete, raise max_deregistered"
    ) in deployed.reason()
    assert len(starts(aws)) == 1
    assert set(registry.statuses().values()) == {"ACTIVE"}


def test_as_many_as_may_be_retired_are(deployed: Stack, registry: Registry) -> None:
    deployed.declare(MaxDeregistered="2")
    deployed.declare_devices([device("added"), deployed.devices()[0]])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 2 + ["INACTIVE"] * 2


def test_a_truncated_file_is_refused_by_default(stack: Stack, registry: Registry) -> None:
    stack.declare_devices(device(f"one-of-{number}") for number in range(12))
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare_devices(stack.devices()[:1])

    assert stack.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "11 of 12 registered devices" in stack.reason()
    assert "at most 10 may be" in stack.reason()
    assert set(registry.statuses().values()) == {"ACTIVE"}


def test_nothing_is_retired_while_a_line_of_the_file_cannot_be_read(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    kept, damaged, gone = deployed.devices()
    gone_id = registry.certificate_of(gone["ThingName"])
    deployed.declare(MaxFailures="1")
    deployed.declare_devices([kept, {**damaged, "CSR": damaged["CSR"][:80]}])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    told = {"Succeeded": 0, "Failed": 1, "Registered": 3, "Unchanged": 1, "Removed": 1}
    assert deployed.counts() == told
    assert _summary(aws, deployed)["unread"] == 1
    deployed.declare_devices([kept, damaged])
    assert deployed.update() == "UPDATE_COMPLETE"
    statuses = registry.statuses()
    assert statuses.pop(gone_id) == "INACTIVE"
    assert set(statuses.values()) == {"ACTIVE"}


def test_devices_under_new_names_are_not_counted_and_stay_active(
    deployed: Stack, registry: Registry
) -> None:
    deployed.declare(MaxDeregistered="0")
    renamed = [{**each, "ThingName": f"new-{each['ThingName']}"} for each in deployed.devices()]
    deployed.declare_devices(renamed)

    assert deployed.update() == "UPDATE_COMPLETE"
    assert [each.status for each in registry.certificates()] == ["ACTIVE"] * 3
    assert registry.certificates_of(NAMES[0]) == []
    assert registry.certificate_of(f"new-{NAMES[0]}")


def test_a_device_that_was_found_is_released_and_left_as_it_is(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    arn = _register_by_hand(aws, stack, NAMES[0])
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare_devices(stack.devices()[1:])

    assert stack.update() == "UPDATE_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert registry.certificate_of(NAMES[0]) == arn.rpartition("/")[2]
    assert (stack.counts()["Registered"], stack.counts()["Removed"]) == (2, 0)


def test_a_device_that_was_found_is_retired_where_it_is_claimed(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    arn = _register_by_hand(aws, stack, NAMES[0])
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare(ClaimExisting="true")
    stack.declare_devices(stack.devices()[1:])

    assert stack.update() == "UPDATE_COMPLETE"
    assert registry.statuses()[arn.rpartition("/")[2]] == "INACTIVE"
    assert registry.certificate_of(NAMES[0]) == arn.rpartition("/")[2]


def test_a_certificate_that_another_thing_uses_stays_active(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    iot = aws.client("iot")
    (arn,) = iot.list_thing_principals(thingName=NAMES[0])["principals"]
    iot.create_thing(thingName="foreign")
    iot.attach_thing_principal(thingName="foreign", principal=arn)
    deployed.declare_devices(deployed.devices()[1:])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert registry.certificate_of("foreign") == arn.rpartition("/")[2]


def test_a_certificate_that_somebody_else_has_set_inactive_is_not_brought_back(
    deployed: Stack, registry: Registry
) -> None:
    certificate_id, devices = registry.certificate_of(NAMES[0]), deployed.devices()
    registry.set_status(certificate_id, "INACTIVE")
    deployed.declare_devices(devices[1:])
    assert deployed.update() == "UPDATE_COMPLETE"
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert f"certificate {certificate_id} of thing {NAMES[0]} is INACTIVE" in deployed.reason()
    assert registry.statuses()[certificate_id] == "INACTIVE"


def test_a_retired_certificate_that_was_revoked_is_not_brought_back(
    deployed: Stack, registry: Registry
) -> None:
    certificate_id, devices = registry.certificate_of(NAMES[0]), deployed.devices()
    deployed.declare_devices(devices[1:])
    assert deployed.update() == "UPDATE_COMPLETE"
    registry.set_status(certificate_id, "REVOKED")
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert registry.statuses()[certificate_id] == "REVOKED"


def test_without_the_choice_what_was_retired_is_not_brought_back(
    deployed: Stack, registry: Registry
) -> None:
    devices = deployed.devices()
    deployed.declare_devices(devices[1:])
    deployed.update()
    deployed.declare(Deregister="NEVER")
    deployed.declare_devices(devices)

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert f"of thing {NAMES[0]} is INACTIVE: activate it" in deployed.reason()


def test_what_aws_refuses_is_listed_fails_the_deployment_and_is_tried_again_by_the_next(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    certificate_id = registry.certificate_of(NAMES[2])
    deployed.declare_devices([device("added"), *deployed.devices()[:2]])
    aws.faults(
        calls=[
            {
                "api": "UpdateCertificate",
                "code": "InvalidRequestException",
                "message": "no",
                "next": 1,
            }
        ]
    )

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert "1 of 1 devices could not be deregistered" in deployed.reason()
    assert f"thing {NAMES[2]}: UpdateCertificate: InvalidRequestException: no" in deployed.reason()
    assert registry.statuses()[certificate_id] == "ACTIVE"
    aws.faults()
    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.statuses()[certificate_id] == "INACTIVE"
    assert deployed.counts()["Registered"] == 3


def test_a_failed_part_retires_nothing(aws: Aws, deployed: Stack, registry: Registry) -> None:
    deployed.declare_devices([device("bad"), *deployed.devices()[1:]])
    aws.faults(lines=[{"pattern": '"bad"'}])

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert registry.certificate_of(NAMES[0])


def test_a_rollback_retires_nothing(deployed: Stack, registry: Registry) -> None:
    deployed.declare_devices([*deployed.devices(), device("added")])
    deployed.declare_failing_resource()

    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    assert len(registry.certificates()) == 4


def test_what_an_update_retired_its_rollback_brings_back(
    deployed: Stack, registry: Registry
) -> None:
    devices = deployed.devices()
    deployed.declare_devices(devices[1:])
    deployed.declare_failing_resource()
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}
    del deployed.template["Resources"]["Fails"]
    deployed.declare_devices(devices)
    deployed.declare(TimeoutSeconds="601")

    assert deployed.update() == "UPDATE_COMPLETE"
    assert set(registry.statuses().values()) == {"ACTIVE"}


def test_a_line_that_returns_and_fails_is_retired_again(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    devices = deployed.devices()
    deployed.declare_devices(devices[1:])
    deployed.update()
    aws.faults(lines=[{"pattern": f'"{NAMES[0]}"'}])
    deployed.declare_devices(devices)
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    deployed.declare_devices([*devices[1:], device("added")])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 3 + ["INACTIVE"]


def test_a_certificate_of_a_line_that_failed_and_left_is_retired(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    devices, bad = deployed.devices(), device("bad")
    deployed.declare_devices([*devices, bad])
    aws.faults(lines=[{"pattern": '"bad"', "after": "certificate"}])
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults()
    deployed.declare_devices(devices)
    deployed.declare(TimeoutSeconds="601")
    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 3 + ["INACTIVE"]
    deployed.declare_devices([*devices, bad])

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sorted(registry.statuses().values()) == ["ACTIVE"] * 4


def _summary(aws: Aws, stack: Stack) -> dict[str, Any]:
    """Read the summary of the stack's last run."""
    bucket, _, prefix = stack.outputs()["TaskReports"].removeprefix("s3://").partition("/")
    summary = aws.client("s3").get_object(Bucket=bucket, Key=f"{prefix}summary.json")
    found: dict[str, Any] = json.load(summary["Body"])
    return found


def _register_by_hand(aws: Aws, stack: Stack, name: str) -> str:
    """Register a device as a script did before the stack came; the certificate's ARN."""
    iot = aws.client("iot")
    made = iot.create_certificate_from_csr(
        certificateSigningRequest=stack.device(name)["CSR"], setAsActive=True
    )
    iot.create_thing(thingName=name)
    iot.attach_thing_principal(thingName=name, principal=made["certificateArn"])
    return str(made["certificateArn"])
