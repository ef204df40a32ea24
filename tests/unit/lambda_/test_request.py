"""The request: parsed once, typed."""

import pytest

from request import Request, answer_ids
from tests.unit.lambda_.stubs import PROPERTIES, event


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
