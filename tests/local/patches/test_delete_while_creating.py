"""A stack that is deleted while it is being created."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local import LocalAws
from tests.local.fleet import eventually
from tests.local.stacks import custom, ended_or_gone, notes

pytestmark = pytest.mark.slow
SILENT: list[Any] = []


def begin(aws: LocalAws, stack: str, template: str) -> str:
    """Begin to create a stack, and wait until its custom resource has its event."""
    mark = len(aws.journal("event"))
    made = aws.client("cloudformation").create_stack(StackName=stack, TemplateBody=template)
    eventually(lambda: aws.journal("event"), lambda events: len(events) > mark)
    stack_id: str = made["StackId"]
    return stack_id


def status(aws: LocalAws, stack_id: str) -> str:
    found = aws.client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]
    return str(found["StackStatus"])


def with_later_resource(template: str) -> str:
    document = json.loads(template)
    document["Resources"]["Later"] = {
        "Type": "AWS::S3::Bucket",
        "DependsOn": "Thing",
        "Properties": {"BucketName": "never-made"},
    }
    return json.dumps(document)


def test_the_running_create_is_abandoned_and_a_delete_is_sent(
    aws: LocalAws, token: str, stack: str
) -> None:
    template = with_later_resource(custom(token, ServiceTimeout=600, Create=SILENT))
    stack_id = begin(aws, stack, template)

    aws.client("cloudformation").delete_stack(StackName=stack)

    eventually(lambda: status(aws, stack_id), lambda found: found == "DELETE_COMPLETE")
    events = aws.journal("event")[-2:]
    assert [event["request_type"] for event in events] == ["Create", "Delete"]
    assert events[1]["physical_id"]
    assert notes(aws)[-1]["StackStatus"] == "DELETE_IN_PROGRESS"
    buckets = aws.client("s3").list_buckets()["Buckets"]
    assert "never-made" not in [bucket["Name"] for bucket in buckets]


def test_the_answer_of_the_running_create_can_be_awaited(
    aws: LocalAws, token: str, stack: str
) -> None:
    aws.faults(cancel_awaits_answer=True)
    began = time.monotonic()
    stack_id = begin(aws, stack, custom(token, ServiceTimeout=5, Create=SILENT))

    aws.client("cloudformation").delete_stack(StackName=stack)

    eventually(lambda: status(aws, stack_id), lambda found: found == "DELETE_COMPLETE")
    assert time.monotonic() - began > 5


def test_the_physical_id_of_an_awaited_answer_is_deleted(
    aws: LocalAws, token: str, stack: str
) -> None:
    aws.faults(cancel_awaits_answer=True, late_event_seconds=1)
    answer = [{"Status": "SUCCESS", "PhysicalResourceId": "made-after-all"}]
    stack_id = begin(aws, stack, custom(token, Create=answer))

    aws.client("cloudformation").delete_stack(StackName=stack)

    eventually(lambda: status(aws, stack_id), lambda found: found == "DELETE_COMPLETE")
    assert aws.journal("event")[-1]["physical_id"] == "made-after-all"


def test_a_stack_is_not_deleted_while_it_is_updated(aws: LocalAws, token: str, stack: str) -> None:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=custom(token))
    ended_or_gone(aws, stack)
    cloudformation.update_stack(
        StackName=stack, TemplateBody=custom(token, ServiceTimeout=5, Update=SILENT)
    )

    with pytest.raises(cloudformation.exceptions.ClientError, match="UPDATE_IN_PROGRESS"):
        cloudformation.delete_stack(StackName=stack)
    ended_or_gone(aws, stack)


def test_a_second_delete_changes_nothing(aws: LocalAws, token: str, stack: str) -> None:
    stack_id = begin(aws, stack, custom(token, ServiceTimeout=600, Create=SILENT))
    cloudformation = aws.client("cloudformation")

    for _ in range(3):
        cloudformation.delete_stack(StackName=stack)

    eventually(lambda: status(aws, stack_id), lambda found: found == "DELETE_COMPLETE")
    kinds = [event["request_type"] for event in aws.journal("event")[-2:]]
    assert kinds == ["Create", "Delete"]
