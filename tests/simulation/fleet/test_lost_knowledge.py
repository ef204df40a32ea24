"""Where the state does not know a device, AWS's registry is asked before it is sent."""

import json

import pytest

from tests.local.fleet import Fleet
from tests.simulation.assembly import TEMPLATE
from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import NAMES, sent_as_known, sent_files, sent_things
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import ENDED, Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow


def state_objects(aws: Aws, stack: Stack) -> tuple[str, list[str]]:
    """Return the stack's bucket, and the keys of the objects of its state."""
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    prefix = f"{stack.property('KeyPrefix')}states/"
    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return bucket, [item["Key"] for item in listed]


def test_a_first_deployment_with_a_failure_is_mended_without_another_certificate(
    aws: Aws, stack: Stack, by_hand: ByHand, registry: Registry
) -> None:
    aws.faults(lines=[{"line": 2, "message": "no room"}])
    assert stack.create() == "ROLLBACK_COMPLETE"
    assert stack.delete() == "DELETE_COMPLETE"
    kept = {name: registry.certificate_of(name) for name in (NAMES[0], NAMES[2])}
    aws.faults()

    assert stack.create() == "CREATE_COMPLETE"
    assert {name: registry.certificate_of(name) for name in kept} == kept
    assert len(registry.certificates()) == 3
    assert sent_as_known(by_hand, after=1) == [NAMES[0], NAMES[2]]


def test_an_update_with_a_failure_is_mended_by_sending_what_failed(
    aws: Aws, deployed: Stack, by_hand: ByHand
) -> None:
    deployed.declare_new_file(count=4)
    aws.faults(lines=[{"line": 2, "message": "no room"}])
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults()

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_things(by_hand, after=2) == ["Fleet-1-1"]
    counts = deployed.counts()
    assert (counts["Succeeded"], counts["Unchanged"], counts["Registered"]) == (1, 3, 7)


@pytest.mark.parametrize("removal", ["retain", "destroy"])
def test_a_stack_that_is_deleted_and_made_again_gives_every_device_its_certificate(
    stack: Stack, by_hand: ByHand, registry: Registry, removal: str
) -> None:
    if removal == "retain":
        stack.retain()
    stack.create()
    before = {name: registry.certificate_of(name) for name in NAMES}
    assert stack.delete() == "DELETE_COMPLETE"

    assert stack.create() == "CREATE_COMPLETE"
    assert {name: registry.certificate_of(name) for name in NAMES} == before
    assert sent_as_known(by_hand, after=1) == NAMES
    assert len(registry.certificates()) == 3


def test_a_state_that_somebody_deleted_is_made_again_from_the_registry(
    aws: Aws, deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    before = registry.certificate_ids()
    bucket, keys = state_objects(aws, deployed)
    assert keys
    for key in keys:
        aws.client("s3").delete_object(Bucket=bucket, Key=key)
    deployed.declare_devices(reversed(deployed.devices()))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before
    assert not [file for file in sent_files(by_hand)[1:] if not file.known]
    assert state_objects(aws, deployed)[1]


def test_a_whole_bucket_that_somebody_emptied_costs_no_certificate(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    before = registry.certificate_ids()
    (bucket,) = deployed.physical_ids(["AWS::S3::Bucket"])
    for item in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]:
        aws.client("s3").delete_object(Bucket=bucket, Key=item["Key"])
    deployed.declare_devices(reversed(deployed.devices()))

    assert deployed.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before


def test_a_fleet_that_a_script_registered_is_taken_over_with_its_certificates(
    aws: Aws, stack: Stack, by_hand: ByHand, registry: Registry
) -> None:
    script = Fleet(aws)
    script.run(stack.devices()[:2], json.dumps(TEMPLATE))
    before = {name: registry.certificate_of(name) for name in NAMES[:2]}

    assert stack.create() == "CREATE_COMPLETE"
    assert {name: registry.certificate_of(name) for name in NAMES[:2]} == before
    assert sent_as_known(by_hand, after=0) == NAMES[:2]
    assert len(registry.certificates()) == 3
    counts = stack.counts()
    assert (counts["Succeeded"], counts["Registered"]) == (3, 3)


def test_a_device_of_a_script_that_has_a_second_certificate_gets_no_third(
    aws: Aws, stack: Stack, by_hand: ByHand, registry: Registry
) -> None:
    script = Fleet(aws)
    first = stack.devices()[0]
    script.run([first], json.dumps(TEMPLATE))
    script.run([first], json.dumps(TEMPLATE))
    both = registry.certificates_of(NAMES[0])
    by_hand.certificates.add(both[0])

    assert stack.create() == "CREATE_COMPLETE"
    assert sorted(registry.certificates_of(NAMES[0])) == sorted(both)
    assert len(registry.certificates()) == 4


def test_reports_that_never_come_leave_every_device_with_one_certificate(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    aws.faults(reports={"late_seconds": 600})
    stack.create()
    before = registry.certificate_ids()
    aws.faults()
    stack.declare_devices(reversed(stack.devices()))

    assert stack.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before


def test_a_line_that_failed_behind_its_certificate_is_mended_with_that_certificate(
    aws: Aws, deployed: Stack, by_hand: ByHand, registry: Registry
) -> None:
    deployed.declare_new_file()
    aws.faults(lines=[{"line": 2, "message": "no room", "after": "certificate"}])
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    assert registry.certificates_of("Fleet-1-1") == []
    made = registry.certificate_ids()
    aws.faults()

    assert deployed.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=2) == sent_things(by_hand, after=2) == ["Fleet-1-1"]
    assert registry.certificate_ids() == made
    assert registry.certificate_of("Fleet-1-1")


def test_a_first_deployment_that_failed_behind_a_certificate_is_mended_with_it(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    stack.retain()
    aws.faults(lines=[{"line": 2, "message": "no room", "after": "certificate"}])
    assert stack.create() == "ROLLBACK_COMPLETE"
    made = registry.certificate_ids()
    aws.faults()
    stack.delete()

    assert stack.create() == "CREATE_COMPLETE"
    assert registry.certificate_ids() == made
    assert registry.certificate_of(NAMES[1])


def test_a_task_that_was_stopped_in_the_middle_is_gone_on_with_where_it_was(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    deployed.declare_new_file(count=6)
    deployed.declare(TimeoutSeconds="12")
    aws.faults(things_per_second=0.3, reports={"late_seconds": 600}, cancelling_seconds=2)
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    made = registry.certificate_ids()
    aws.faults()
    deployed.declare(TimeoutSeconds="300")

    assert deployed.update() == "UPDATE_COMPLETE"
    after = registry.certificate_ids()
    assert {key: after[key] for key in made} == made
    assert len(after) == 9


def test_a_registry_that_lags_is_not_believed_right_after_a_task(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    aws.faults(registry_lag_seconds=8, lines=[{"line": 2, "message": "no room"}])
    assert stack.create() == "ROLLBACK_COMPLETE"
    stack.delete()
    aws.faults(registry_lag_seconds=8)

    assert stack.create() == "CREATE_COMPLETE"
    aws.faults()
    assert len(registry.certificates()) == 3


def test_what_a_task_made_before_it_was_stopped_is_awaited_in_a_registry_that_lags(
    aws: Aws, deployed: Stack, registry: Registry
) -> None:
    deployed.declare_new_file(count=6)
    aws.faults(
        registry_lag_seconds=8,
        reports={"late_seconds": 600},
        task={"ends": "Cancelled", "after_lines": 3, "next": 1},
    )
    assert deployed.update() == "UPDATE_ROLLBACK_COMPLETE"
    aws.faults(registry_lag_seconds=8)

    assert deployed.update() == "UPDATE_COMPLETE"
    aws.faults()
    assert len(registry.certificates()) == 9


def test_a_script_that_runs_meanwhile_is_waited_for_before_the_registry_is_asked(
    aws: Aws, stack: Stack, registry: Registry
) -> None:
    script = Fleet(aws)
    aws.faults(things_per_second=0.3)
    task_id = script.start(stack.devices(), json.dumps(TEMPLATE))

    assert stack.create() == "CREATE_COMPLETE"
    until("the script's task", lambda: script.describe(task_id)["status"], ENDED.__contains__)
    assert len(registry.certificates()) == 3
    assert len(all_tasks(aws)) - len(starts(aws)) == 1
