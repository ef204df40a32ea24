"""The request: parsed once, typed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID, event
from thing_registration_worker.request.declaration import OtherInput
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.request.request import Request, answer_ids
from thing_registration_worker.state.order import Moment
from thing_registration_worker.timing import EMPTYING_TIMEOUT, STOPPING_TIMEOUT


def requested(kind: str = "Create", **properties: str) -> Request:
    changed = event(kind, ResourceProperties={**PROPERTIES, **properties})
    return Request.from_event(changed, NOW)


def updated(before: dict[str, Any], **properties: str) -> Request:
    old = {**PROPERTIES, **before}
    now = {**PROPERTIES, **properties}
    changed = event("Update", ResourceProperties=now, OldResourceProperties=old)
    return Request.from_event(changed, NOW)


@pytest.mark.parametrize("before", [{"Bucket": "other"}, {"KeyPrefix": "other/"}])
def test_another_bucket_or_prefix_is_a_move(before: dict[str, str]) -> None:
    moved_from = updated(before).moved_from

    assert moved_from is not None
    assert (moved_from.bucket, moved_from.keys.prefix) == (
        before.get("Bucket", "fleet"),
        before.get("KeyPrefix", "stack/fleet/"),
    )


def test_nothing_is_moved_by_other_changes_nor_from_properties_that_are_not_whole() -> None:
    partial = Request.from_event(event("Update", OldResourceProperties={"Bucket": "other"}), NOW)

    assert updated({"InputHash": "other"}).moved_from is None
    assert partial.moved_from is None


@pytest.mark.parametrize(
    ("before", "now", "again"),
    [("", "", False), ("a", "a", False), ("", "a", True), ("a", "b", True), ("a", "", False)],
)
def test_another_text_compares_every_device_again(before: str, now: str, again: bool) -> None:
    assert updated({"Rerun": before}, Rerun=now).rerun is again


def test_a_creation_with_a_text_compares_every_device() -> None:
    assert requested(Rerun="a").rerun
    assert not requested().rerun


@pytest.mark.parametrize(
    ("kind", "properties", "seconds"),
    [
        ("Create", {}, 3000),
        ("Update", {"EmptyOnDelete": "false", "Deregister": "ALL"}, 3000),
        ("Delete", {"EmptyOnDelete": "true"}, EMPTYING_TIMEOUT),
        ("Delete", {"EmptyOnDelete": "false", "Deregister": "ALL"}, EMPTYING_TIMEOUT),
        ("Delete", {"EmptyOnDelete": "false"}, 3000 + STOPPING_TIMEOUT),
        (
            "Delete",
            {"EmptyOnDelete": "false", "Deregister": "REMOVED_LINES"},
            3000 + STOPPING_TIMEOUT,
        ),
    ],
)
def test_a_request_is_given_up_after_its_time(
    kind: str, properties: dict[str, str], seconds: int
) -> None:
    assert requested(kind, **properties).deadline == NOW + seconds


def test_the_link_says_when_a_request_was_sent() -> None:
    url = "https://bucket.s3.amazonaws.com/answer?X-Amz-Date=20270115T080000Z&X-Amz-Expires=7200"

    sent = Request.from_event(event(ResponseURL=url), NOW).sent

    assert sent == Moment(NOW, 1_800_000_000, "X-Amz-Date")


def test_the_owner_is_the_resource_and_not_this_making_of_its_stack() -> None:
    owner = Owner("000000000000", "us-east-1", "stack", "Fleet30813DF3")
    again = "arn:aws:cloudformation:us-east-1:000000000000:stack/stack/1111"

    assert requested().owner == owner
    assert Request.from_event(event(StackId=again), NOW).owner == owner


def test_the_tasks_of_a_request_read_below_a_prefix_of_its_own() -> None:
    assert requested().task_inputs == f"stack/fleet/input/{REQUEST_ID}/"


def test_the_physical_id_is_the_same_for_every_request_of_a_resource() -> None:
    found = answer_ids(event())
    first = found.pop("PhysicalResourceId")

    assert answer_ids(event(RequestId="another"))["PhysicalResourceId"] == first
    assert answer_ids(event(PhysicalResourceId="given"))["PhysicalResourceId"] == "given" != first
    assert found == {each: event()[each] for each in ("StackId", "RequestId", "LogicalResourceId")}


def test_by_default_nothing_is_deregistered_and_nothing_claimed() -> None:
    declaration = requested().declaration

    assert declaration.deregister == "NEVER"
    assert (declaration.max_deregistered, declaration.claim_existing) == (None, False)
    assert (declaration.take_over, declaration.other_inputs) == ("", ())


def test_what_is_deregistered_is_read_from_the_properties() -> None:
    chosen = {"Deregister": "ALL", "MaxDeregistered": "0", "ClaimExisting": "true"}
    declaration = requested(**chosen).declaration

    assert (declaration.deregister, declaration.max_deregistered) == ("ALL", 0)
    assert declaration.claim_existing


def test_the_inputs_of_other_tasks_are_read_with_and_without_a_version() -> None:
    given = {"Task": "Other", "Bucket": "b", "Key": "k", "Template": "{}"}
    others = json.dumps([given, {**given, "VersionId": "v"}])

    expected = OtherInput("Other", "b", "k", "", "{}")
    found = requested(OtherInputs=others).declaration.other_inputs
    assert found == (expected, replace(expected, version_id="v"))


def test_the_arn_of_a_certificate_is_of_the_stacks_partition_region_and_account() -> None:
    stack_id = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/fleet/0000"

    prefix = Request.from_event(event(StackId=stack_id), NOW).certificate_arn_prefix

    assert prefix == "arn:aws-cn:iot:cn-north-1:123456789012:cert/"
