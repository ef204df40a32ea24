"""CloudFormation treats custom resources and buckets as AWS does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from local import LocalAws
from tests.local.stacks import custom, ended, notes, provider, reasons

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def token(aws: LocalAws) -> str:
    return provider(aws)


@pytest.fixture
def stack(aws: LocalAws) -> Iterator[str]:
    """The name of a stack that is deleted afterwards."""
    name = f"stack-{uuid.uuid4()}"
    yield name
    aws.faults()
    aws.client("cloudformation").delete_stack(StackName=name)
    ended_or_gone(aws, name)
    notes(aws)


def ended_or_gone(aws: LocalAws, name: str) -> None:
    cloudformation = aws.client("cloudformation")
    try:
        ended(aws, name)
    except cloudformation.exceptions.ClientError:
        return


def create(aws: LocalAws, name: str, template: str) -> dict[str, Any]:
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=template)
    return ended(aws, name)


def update(aws: LocalAws, name: str, template: str) -> dict[str, Any]:
    aws.client("cloudformation").update_stack(StackName=name, TemplateBody=template)
    return ended(aws, name)


def test_after_a_failed_create_the_rollback_deletes(aws: LocalAws, token: str, stack: str) -> None:
    failed = [{"Status": "FAILED", "Reason": "no such luck", "PhysicalResourceId": "half-made"}]

    made = create(aws, stack, custom(token, Create=failed))

    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    create_note, delete_note = notes(aws)
    assert create_note["StackStatus"] == "CREATE_IN_PROGRESS"
    assert delete_note["RequestType"] == "Delete"
    assert delete_note["PhysicalResourceId"] == "half-made"
    assert delete_note["StackStatus"] == "ROLLBACK_IN_PROGRESS"
    (reason,) = reasons(aws, made["StackId"], "CREATE_FAILED")
    assert reason == (
        "Received response status [FAILED] from custom resource. "
        f"Message returned: no such luck (RequestId: {create_note['RequestId']})"
    )


def test_a_delete_that_fails_after_a_failed_create_fails_the_rollback(
    aws: LocalAws, token: str, stack: str
) -> None:
    failed = [{"Status": "FAILED", "Reason": "no"}]

    made = create(aws, stack, custom(token, Create=failed, Delete=failed))

    assert made["StackStatus"] == "ROLLBACK_FAILED"


def test_an_update_that_fails_is_sent_back(aws: LocalAws, token: str, stack: str) -> None:
    create(aws, stack, custom(token))

    updated = update(aws, stack, custom(token, Update=[{"Status": "FAILED", "Reason": "no"}]))

    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [(note["RequestType"], note["StackStatus"]) for note in notes(aws)] == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        ("Update", "UPDATE_ROLLBACK_IN_PROGRESS"),
    ]


def test_a_new_physical_id_deletes_the_old_while_cleaning_up(
    aws: LocalAws, token: str, stack: str
) -> None:
    create(aws, stack, custom(token))

    update(aws, stack, custom(token, Update=[{"Status": "SUCCESS", "PhysicalResourceId": "other"}]))

    *_, deleted = notes(aws)
    assert (deleted["RequestType"], deleted["PhysicalResourceId"], deleted["StackStatus"]) == (
        "Delete",
        "made",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    )


def test_the_first_answer_counts(aws: LocalAws, token: str, stack: str) -> None:
    answers = [{"Status": "SUCCESS"}, {"Status": "FAILED", "Reason": "too late"}]

    assert create(aws, stack, custom(token, Create=answers))["StackStatus"] == "CREATE_COMPLETE"
    accepted = [entry["accepted"] for entry in aws.journal("answer")[-2:]]
    assert accepted == [True, False]


@pytest.mark.parametrize("wrong", [{"Status": "DONE"}, {"Status": "SUCCESS", "RequestId": "x"}])
def test_an_answer_that_is_refused_hangs_the_stack_until_its_timeout(
    aws: LocalAws, token: str, stack: str, wrong: dict[str, str]
) -> None:
    made = create(aws, stack, custom(token, ServiceTimeout=1, Create=[wrong]))

    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    (reason,) = reasons(aws, made["StackId"], "CREATE_FAILED")
    assert "did not receive a response from your Custom Resource" in reason
    assert [note["RequestType"] for note in notes(aws)] == ["Create", "Delete"]


def test_a_good_answer_after_a_refused_one_counts(aws: LocalAws, token: str, stack: str) -> None:
    answers = [{"Status": "DONE"}, {"Status": "SUCCESS"}]

    assert create(aws, stack, custom(token, Create=answers))["StackStatus"] == "CREATE_COMPLETE"


def test_an_answer_over_4096_bytes_fails_the_resource(
    aws: LocalAws, token: str, stack: str
) -> None:
    made = create(
        aws, stack, custom(token, Create=[{"Status": "SUCCESS", "Data": {"x": "y" * 4096}}])
    )

    assert reasons(aws, made["StackId"], "CREATE_FAILED") == ["Response object is too long."]
    (answer,) = [entry for entry in aws.journal("answer")[-2:] if not entry["accepted"]]
    assert answer["size"] > 4096


def test_a_lambda_that_raises_is_tried_again(aws: LocalAws, token: str, stack: str) -> None:
    """Lambda retries an asynchronous invocation twice; a first failure is no end."""
    aws.faults(lambdas=[{"what": "dies_before", "function": "provider", "next": 1}])

    made = create(aws, stack, custom(token, ServiceTimeout=10))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert [entry["what"] for entry in aws.journal("fault")][-1] == "dies_before"


def test_an_event_can_come_twice(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(duplicate_events=1)

    made = create(aws, stack, custom(token))

    assert made["StackStatus"] == "CREATE_COMPLETE"
    events = [entry for entry in aws.journal("event") if entry["stack_id"] == made["StackId"]]
    assert [entry["request_type"] for entry in events] == ["Create", "Create"]
    assert events[0]["request_id"] == events[1]["request_id"]


def test_the_answer_url_can_fail_at_first(aws: LocalAws, token: str, stack: str) -> None:
    aws.faults(answers={"next": 2, "status": 503})

    assert create(aws, stack, custom(token))["StackStatus"] == "CREATE_COMPLETE"
    assert [entry["status"] for entry in aws.journal("fault")[-2:]] == [503, 503]


def test_a_bucket_with_objects_is_not_deleted(aws: LocalAws, stack: str) -> None:
    template = {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"b-{stack}"}}
        }
    }
    s3, cloudformation = aws.client("s3"), aws.client("cloudformation")
    made = create(aws, stack, json.dumps(template))
    s3.put_object(Bucket=f"b-{stack}", Key="x", Body=b"")

    cloudformation.delete_stack(StackName=stack)
    assert ended(aws, stack)["StackStatus"] == "DELETE_FAILED"
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    assert any("BucketNotEmpty" in event.get("ResourceStatusReason", "") for event in events)

    s3.delete_object(Bucket=f"b-{stack}", Key="x")
    cloudformation.delete_stack(StackName=stack)
    assert ended(aws, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_describing_stacks_can_fail(aws: LocalAws) -> None:
    fault = {"service": "cloudformation", "api": "DescribeStacks", "code": "Throttling", "next": 1}
    aws.faults(calls=[fault])
    cloudformation = aws.client("cloudformation", config=once())

    with pytest.raises(cloudformation.exceptions.ClientError, match="Throttling"):
        cloudformation.describe_stacks()
    cloudformation.describe_stacks()


def once() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1})
