"""The calls to AWS IoT's registration tasks: their limits, and answers that leave members out."""

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import INPUT_KEY, NOW, ROLE_ARN, TEMPLATE_BODY, described, queue_tasks
from thing_registration_worker.aws.registration_tasks import (
    Start,
    Task,
    describe,
    find,
    report_links,
    stop,
)
from thing_registration_worker.errors import ConstraintError

MEMBERS = {
    "template_body": TEMPLATE_BODY,
    "bucket": "fleet",
    "key": INPUT_KEY,
    "role_arn": ROLE_ARN,
}


@pytest.mark.parametrize(
    ("member", "longest", "shortest"),
    [("template_body", 10_240, 0), ("bucket", 256, 3), ("key", 1_024, 1), ("role_arn", 2_048, 20)],
)
def test_a_member_may_be_as_long_and_as_short_as_the_service_model_says(
    member: str, longest: int, shortest: int
) -> None:
    for length in (longest, shortest):
        Start(**{**MEMBERS, member: "x" * length})

    for length in (longest + 1, *range(shortest)[-1:]):
        with pytest.raises(ConstraintError):
            Start(**{**MEMBERS, member: "x" * length})


def test_a_description_is_read_member_by_member(aws: Any) -> None:
    changes: dict[str, Any] = {
        "message": "why",
        "successCount": 3,
        "failureCount": 4,
        "percentageProgress": 5,
        "lastModifiedDate": datetime.fromtimestamp(NOW - 30, timezone.utc),
    }
    aws.stub("iot").add_response("describe_thing_registration_task", described(**changes))

    expected = Task("task-1", "InProgress", "why", "fleet", INPUT_KEY, NOW - 60, NOW - 30, 3, 4, 5)
    expected = replace(expected, template_body=TEMPLATE_BODY)
    assert describe(aws.iot, "task-1") == expected


def test_a_description_may_leave_every_member_out(aws: Any) -> None:
    aws.stub("iot").add_response("describe_thing_registration_task", {})

    assert describe(aws.iot, "task-1") == Task("task-1", "", "", "", "", 0, 0, 0, 0, 0)


def test_only_a_task_that_aws_has_forgotten_is_none(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_client_error("describe_thing_registration_task", "ResourceNotFoundException")
    iot.add_client_error("describe_thing_registration_task", "ThrottlingException")

    assert find(aws.iot, "task-1") is None
    with pytest.raises(ClientError, match="ThrottlingException"):
        find(aws.iot, "task-1")


@pytest.mark.parametrize("code", ["InvalidRequestException", "ResourceNotFoundException"])
def test_a_stop_that_is_refused_is_an_error_only_while_the_task_is_in_progress(
    aws: Any, code: str
) -> None:
    aws.stub("iot").add_client_error("stop_thing_registration_task", code)
    queue_tasks(aws, InProgress=[described("task-2")])
    stop(aws.iot, "task-1")
    aws.stub("iot").add_client_error("stop_thing_registration_task", code)
    queue_tasks(aws, InProgress=[described("task-1")])

    with pytest.raises(ClientError, match=code):
        stop(aws.iot, "task-1")


def test_a_stop_that_fails_otherwise_is_an_error(aws: Any) -> None:
    aws.stub("iot").add_client_error("stop_thing_registration_task", "UnauthorizedException")

    with pytest.raises(ClientError, match="UnauthorizedException"):
        stop(aws.iot, "task-1")


def test_the_links_of_every_page_are_returned(aws: Any) -> None:
    scope = {"taskId": "task-1", "reportType": "ERRORS"}
    for links, token in ((["a", "b"], {"nextToken": "next"}), (["c"], {})):
        answer = {"resourceLinks": links, "reportType": "ERRORS", **token}
        aws.stub("iot").add_response("list_thing_registration_task_reports", answer, scope)
        scope = {**scope, "nextToken": "next"}

    assert report_links(aws.iot, "task-1", "ERRORS") == ["a", "b", "c"]
