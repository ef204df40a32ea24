"""What an update does with our objects when bucket or prefix change."""

import json
from typing import Any

import pytest

from tests.unit.lambda_.stubs import NOW, PROPERTIES, body, event
from thing_registration_worker.request.request import Request
from thing_registration_worker.state.claim import Claim
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.state.moved_objects import move
from thing_registration_worker.timing import OBJECTS_CALL_BUDGET

RECORD = LastRun("request-0", "task-0", "Completed", 1)
PLACES = (
    "old/input/",
    "old/work/",
    "old/runs/",
    "old/inventory/",
    "old/last-run.json",
    "old/unclear.json",
)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)


def update(*, empty_on_delete: bool) -> Request:
    """Return an update that has moved everything."""
    old = {
        **PROPERTIES,
        "KeyPrefix": "old/",
        "Bucket": "before",
        "EmptyOnDelete": str(empty_on_delete).lower(),
    }
    return Request.from_event(event("Update", OldResourceProperties=old))


def queue_no_reports(aws: Any) -> None:
    for place in ("runs/", "inventory/"):
        for bucket, prefix in (("fleet", "stack/fleet/"), ("before", "old/")):
            scope = {"Bucket": bucket, "Prefix": f"{prefix}{place}"}
            aws.stub("s3").add_response("list_objects_v2", {}, scope)


def queue_record(aws: Any) -> None:
    content = json.dumps(vars(RECORD))
    where = {"Bucket": "before", "Key": "old/last-run.json"}
    aws.stub("s3").add_response("get_object", {"Body": body(content)}, where)
    written = {"Bucket": "fleet", "Key": "stack/fleet/last-run.json", "Body": content.encode()}
    aws.stub("s3").add_response("put_object", {}, written)


def run(aws: Any, request: Request, quiet_at: float = 0) -> bool:
    assert request.moved_from is not None
    return move(aws, request, request.moved_from, Claim("older", NOW - 60, quiet_at=quiet_at))


def test_the_record_is_taken_along_and_nothing_is_deleted_if_it_is_retained(aws: Any) -> None:
    queue_no_reports(aws)
    queue_record(aws)

    assert run(aws, update(empty_on_delete=False))


def test_there_may_be_no_record_yet(aws: Any) -> None:
    queue_no_reports(aws)
    aws.stub("s3").add_client_error("get_object", "NoSuchKey")

    assert run(aws, update(empty_on_delete=False))


def test_what_we_wrote_is_deleted_and_the_claim_last(aws: Any) -> None:
    queue_no_reports(aws)
    queue_record(aws)
    for place in (*PLACES, "old/claim.json"):
        scope = {"Bucket": "before", "Prefix": place}
        aws.stub("s3").add_response("list_object_versions", {}, scope)

    assert run(aws, update(empty_on_delete=True), quiet_at=NOW)


def test_nothing_is_deleted_while_a_call_for_an_older_request_may_be_under_way(aws: Any) -> None:
    queue_no_reports(aws)
    queue_record(aws)

    assert not run(aws, update(empty_on_delete=True), quiet_at=NOW + 1)


def test_what_was_deleted_is_looked_at_again_before_the_claim_is(aws: Any) -> None:
    queue_no_reports(aws)
    queue_record(aws)
    versions = {"Versions": [{"Key": "old/input/a", "VersionId": "1"}]}
    aws.stub("s3").add_response("list_object_versions", versions)
    aws.stub("s3").add_response("delete_objects", {})
    for _ in PLACES[1:]:
        aws.stub("s3").add_response("list_object_versions", {})

    assert not run(aws, update(empty_on_delete=True))


def test_reports_that_take_long_to_copy_are_left_to_the_next_call(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([NOW])
    monkeypatch.setattr("time.time", lambda: next(times, NOW + OBJECTS_CALL_BUDGET + 1))
    aws.stub("s3").add_response("list_objects_v2", {})
    aws.stub("s3").add_response("list_objects_v2", {"Contents": [{"Key": "old/runs/a"}]})

    assert not run(aws, update(empty_on_delete=False))
