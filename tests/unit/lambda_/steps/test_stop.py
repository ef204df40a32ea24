"""The Stop step: nothing of ours is left running, nothing foreign is touched."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import NOW, PROPERTIES, described, queue_described, queue_tasks
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.state.claim import Claim, LastStart
from thing_registration_worker.steps.stop import stop
from thing_registration_worker.timing import LOST_START_BUDGET, OBJECTS_CALL_BUDGET

INPUTS = "stack/fleet/input/"

FOREIGN = described("task-9", inputFileBucket="another-bucket")
NEIGHBOUR = described("task-8", inputFileKey="stack/other/input/x.jsonl")
RETAIN = {"ResourceProperties": {**PROPERTIES, "EmptyOnDelete": "false"}}


def test_a_delete_stops_every_running_task_of_ours_and_no_other(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[FOREIGN, NEIGHBOUR, described()], Cancelling=[])
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})

    outcome = stop(make_step("Stop", "Delete"))

    assert (outcome.next_step, outcome.wait) == ("Stop", 2)


def test_a_delete_waits_until_a_cancelling_task_has_ended(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])

    assert stop(make_step("Stop", "Delete")).next_step == "Stop"


PLACES = [
    "input/",
    "work/",
    "runs/",
    "inventory/",
    "last-run.json",
    "unclear.json",
    "claim.json",
]


def queue_versions(aws: Any, **found: dict[str, Any]) -> None:
    """Queue what lies in each place that we write to, nothing if the test does not say."""
    for place in PLACES:
        scope = {"Bucket": "fleet", "Prefix": f"stack/fleet/{place}"}
        answer = found.get(place.partition("/")[0].partition(".")[0], {})
        aws.stub("s3").add_response("list_object_versions", answer, scope)


def test_a_delete_with_destroy_deletes_every_version_then_looks_again(
    aws: Any, make_step: Any
) -> None:
    versions = {
        "Versions": [{"Key": "stack/fleet/input/a", "VersionId": "1"}],
        "DeleteMarkers": [{"Key": "stack/fleet/input/b", "VersionId": "2"}],
    }
    doomed = [
        {"Key": "stack/fleet/input/a", "VersionId": "1"},
        {"Key": "stack/fleet/input/b", "VersionId": "2"},
    ]
    queue_tasks(aws, InProgress=[], Cancelling=[])
    s3 = aws.stub("s3")
    s3.add_response("list_object_versions", versions, {"Bucket": "fleet", "Prefix": INPUTS})
    s3.add_response(
        "delete_objects", {}, {"Bucket": "fleet", "Delete": {"Objects": doomed, "Quiet": True}}
    )
    for place in PLACES[1:]:
        scope = {"Bucket": "fleet", "Prefix": f"stack/fleet/{place}"}
        s3.add_response("list_object_versions", {}, scope)
    first = stop(make_step("Stop", "Delete"))
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_versions(aws)

    second = stop(make_step("Stop", "Delete", emptying=first.progress.emptying))

    assert (first.next_step, second.next_step) == ("Stop", "Answer")


def test_a_delete_leaves_what_we_did_not_write(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    neighbour = {"Versions": [{"Key": "stack/fleet/last-run.json.bak", "VersionId": "1"}]}
    queue_versions(aws, **{"last-run": neighbour})

    assert stop(make_step("Stop", "Delete")).next_step == "Answer"


def test_what_takes_long_to_delete_is_left_to_the_next_call(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = make_step("Stop", "Delete")
    queue_tasks(aws, InProgress=[], Cancelling=[])
    page = {
        "Versions": [{"Key": "stack/fleet/input/a", "VersionId": "1"}],
        "IsTruncated": True,
        "NextKeyMarker": "a",
    }
    aws.stub("s3").add_response("list_object_versions", page)
    aws.stub("s3").add_response("delete_objects", {})
    times = iter([NOW])
    monkeypatch.setattr("time.time", lambda: next(times, NOW + OBJECTS_CALL_BUDGET + 1))

    assert stop(step).next_step == "Stop"


def test_a_delete_that_empties_waits_for_calls_that_may_be_under_way(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Stop", "Delete")
    claims.put(step.request.declaration, Claim(step.request.request_id, NOW, quiet_at=NOW + 1))
    queue_tasks(aws, InProgress=[], Cancelling=[])

    assert stop(step).next_step == "Stop"


def test_a_delete_says_which_object_s3_refuses_to_delete(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    s3 = aws.stub("s3")
    s3.add_response("list_object_versions", {"Versions": [{"Key": "k", "VersionId": "1"}]})
    s3.add_response("delete_objects", {"Errors": [{"Key": "k", "Message": "Access Denied"}]})

    with pytest.raises(RegistrationError, match="s3://fleet/k could not be deleted: Access Denied"):
        stop(make_step("Stop", "Delete"))


def test_a_delete_of_a_bucket_that_someone_removed_succeeds(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("s3").add_client_error("list_object_versions", "NoSuchBucket")

    assert stop(make_step("Stop", "Delete")).next_step == "Answer"


def test_a_delete_with_retain_leaves_the_bucket_alone(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])

    assert stop(make_step("Stop", "Delete", event_changes=RETAIN)).next_step == "Answer"


@pytest.mark.parametrize(
    ("sent_at", "expected"), [(NOW - LOST_START_BUDGET + 1, "Stop"), (0, "Answer")]
)
def test_a_delete_looks_on_while_a_task_may_appear_whose_start_was_sent(
    aws: Any, make_step: Any, sent_at: float, expected: str
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    start = LastStart(f"{INPUTS}older.jsonl", sent_at)

    outcome = stop(make_step("Stop", "Delete", event_changes=RETAIN, last_start=start))

    assert outcome.next_step == expected


def test_a_task_that_no_list_shows_yet_is_stopped_by_its_id(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_described(aws, inputFileKey=f"{INPUTS}older.jsonl")
    aws.stub("iot").add_response("stop_thing_registration_task", {}, {"taskId": "task-1"})
    start = LastStart(f"{INPUTS}older.jsonl", NOW, "task-1")

    assert stop(make_step("Stop", "Delete", last_start=start)).next_step == "Stop"


def test_a_task_that_aws_has_forgotten_has_ended(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    aws.stub("iot").add_client_error(
        "describe_thing_registration_task", "ResourceNotFoundException"
    )
    start = LastStart(f"{INPUTS}older.jsonl", 0, "task-0")

    outcome = stop(make_step("Stop", "Delete", event_changes=RETAIN, last_start=start))

    assert outcome.next_step == "Answer"


def test_a_delete_whose_claim_is_denied_looks_on_for_a_while(
    aws: Any, make_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    for received_at, expected in ((NOW, "Stop"), (NOW - LOST_START_BUDGET, "Answer")):
        step = make_step("Stop", "Delete", event_changes=RETAIN, received_at=received_at)
        monkeypatch.setattr("thing_registration_worker.aws.s3.read_with_etag", deny)
        queue_tasks(aws, InProgress=[], Cancelling=[])

        assert stop(step).next_step == expected


def test_a_task_that_aws_does_not_end_fails_the_delete_by_name(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])

    with pytest.raises(RegistrationError, match=r"still runs them: task-1 \(Cancelling\)"):
        stop(make_step("Stop", "Delete", deadline=NOW - 1))


def test_a_stop_that_comes_too_late_is_no_error(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[described()], Cancelling=[])
    aws.stub("iot").add_client_error("stop_thing_registration_task", "InvalidRequestException")
    queue_tasks(aws, InProgress=[])

    assert stop(make_step("Stop", "Delete")).next_step == "Stop"


ALL = {**PROPERTIES, "Deregister": "ALL"}


@pytest.mark.parametrize(
    ("status", "following"),
    [
        ("DELETE_IN_PROGRESS", "Recover"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Answer"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Answer"),
        ("ROLLBACK_IN_PROGRESS", "Answer"),
    ],
)
def test_with_all_the_devices_are_deleted_only_with_their_stack(
    aws: Any, make_step: Any, claims: ClaimObjects, status: str, following: str
) -> None:
    properties = {**ALL, "EmptyOnDelete": "false"}
    step = make_step("Stop", "Delete", event_changes={"ResourceProperties": properties})
    claims.place("stack/fleet/inventory/0/000000.jsonl", b"")
    queue_tasks(aws, InProgress=[], Cancelling=[])
    queue_status(aws, status)

    assert stop(step).next_step == following


@pytest.mark.parametrize("why", ["REMOVED_LINES", "done", "no inventory"])
def test_nothing_is_deleted_that_is_not_to_be(
    aws: Any, make_step: Any, claims: ClaimObjects, why: str
) -> None:
    deregister = why if why == "REMOVED_LINES" else "ALL"
    properties = {**ALL, "Deregister": deregister, "EmptyOnDelete": "false"}
    step = make_step(
        "Stop",
        "Delete",
        event_changes={"ResourceProperties": properties},
        has_deregistered=why == "done",
    )
    if why != "no inventory":
        claims.place("stack/fleet/inventory/0/000000.jsonl", b"")
    queue_tasks(aws, InProgress=[], Cancelling=[])

    assert stop(step).next_step == "Answer"


def queue_status(aws: Any, status: str) -> None:
    stack = {"StackName": "stack", "StackStatus": status, "CreationTime": NOW}
    aws.stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})
