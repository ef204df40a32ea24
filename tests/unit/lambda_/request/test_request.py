"""The request: parsed once, typed."""

import pytest

from tests.unit.lambda_.stubs import PROPERTIES, event
from thing_registration_worker.request.request import Request, answer_ids


def updated(**before: str) -> Request:
    old = {**PROPERTIES, **before}
    return Request.from_event(event("Update", OldResourceProperties=old))


@pytest.mark.parametrize("before", [{"Bucket": "other"}, {"KeyPrefix": "other/"}])
def test_another_bucket_or_prefix_is_a_move(before: dict[str, str]) -> None:
    moved_from = updated(**before).moved_from

    assert moved_from is not None
    assert (moved_from.bucket, moved_from.keys.prefix) == (
        before.get("Bucket", "fleet"),
        before.get("KeyPrefix", "stack/fleet/"),
    )


def test_nothing_is_moved_by_other_changes_nor_from_properties_that_are_not_whole() -> None:
    partial = Request.from_event(event("Update", OldResourceProperties={"Bucket": "other"}))

    assert updated(InputHash="other").moved_from is None
    assert partial.moved_from is None


@pytest.mark.parametrize(
    ("before", "now", "again"),
    [("", "", False), ("a", "a", False), ("", "a", True), ("a", "b", True)],
)
def test_another_text_compares_every_device_again(before: str, now: str, again: bool) -> None:
    properties = {**PROPERTIES, "Rerun": now}
    old = {**PROPERTIES, "Rerun": before}
    request = Request.from_event(
        event("Update", ResourceProperties=properties, OldResourceProperties=old)
    )

    assert request.rerun is again


def test_the_physical_id_is_the_same_for_every_request_of_a_resource() -> None:
    first = answer_ids(event())["PhysicalResourceId"]

    assert answer_ids(event(RequestId="another"))["PhysicalResourceId"] == first
    assert answer_ids(event(PhysicalResourceId="given"))["PhysicalResourceId"] == "given" != first


def test_by_default_nothing_is_deregistered_and_nothing_claimed() -> None:
    declaration = Request.from_event(event()).declaration

    assert declaration.deregister == "NEVER"
    assert (declaration.max_deregistered, declaration.claim_existing) == (None, False)


def test_what_is_deregistered_is_read_from_the_properties() -> None:
    chosen = {"Deregister": "ALL", "MaxDeregistered": "0", "ClaimExisting": "true"}
    request = Request.from_event(event(ResourceProperties={**PROPERTIES, **chosen}))

    declaration = request.declaration
    assert (declaration.deregister, declaration.max_deregistered) == ("ALL", 0)
    assert declaration.claim_existing


def test_the_arn_of_a_certificate_is_of_the_stacks_partition_region_and_account() -> None:
    stack_id = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/fleet/0000"

    prefix = Request.from_event(event(StackId=stack_id)).certificate_arn_prefix

    assert prefix == "arn:aws-cn:iot:cn-north-1:123456789012:cert/"
