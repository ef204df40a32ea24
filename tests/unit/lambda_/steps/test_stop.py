"""The Stop step: nothing of ours is left running, nothing foreign is touched."""

from typing import Any

import pytest

from errors import RegistrationError
from steps.stop import stop
from tests.unit.lambda_.stubs import NOW, PROPERTIES, described, queue_tasks
from timing import SETTLE

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


def test_a_delete_with_destroy_empties_the_prefix_of_every_version(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])
    versions = {
        "Versions": [{"Key": "stack/fleet/a", "VersionId": "1"}],
        "DeleteMarkers": [{"Key": "stack/fleet/b", "VersionId": "2"}],
    }
    scope = {"Bucket": "fleet", "Prefix": "stack/fleet/"}
    doomed = [
        {"Key": "stack/fleet/a", "VersionId": "1"},
        {"Key": "stack/fleet/b", "VersionId": "2"},
    ]
    s3 = aws.stub("s3")
    s3.add_response("list_object_versions", versions, scope)
    s3.add_response(
        "delete_objects", {}, {"Bucket": "fleet", "Delete": {"Objects": doomed, "Quiet": True}}
    )

    assert stop(make_step("Stop", "Delete")).next_step == "Answer"


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


def test_a_delete_looks_on_while_a_call_of_a_stopped_execution_may_start_a_task(
    aws: Any, make_step: Any
) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[])

    assert stop(make_step("Stop", "Delete", unsettled_until=NOW + SETTLE)).next_step == "Stop"


def test_a_task_that_aws_does_not_end_fails_the_delete_by_name(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[described(status="Cancelling")])

    with pytest.raises(RegistrationError, match=r"still runs them: task-1 \(Cancelling\)"):
        stop(make_step("Stop", "Delete", deadline=NOW - 1))


def test_a_stop_that_comes_too_late_is_no_error(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[described()], Cancelling=[])
    aws.stub("iot").add_client_error("stop_thing_registration_task", "InvalidRequestException")
    queue_tasks(aws, InProgress=[])

    assert stop(make_step("Stop", "Delete")).next_step == "Stop"
