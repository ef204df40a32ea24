"""A worker whose AWS clients answer what a test has queued, and nothing else."""

import io
from copy import copy
from datetime import datetime, timezone
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.response import StreamingBody
from botocore.stub import Stubber

from thing_registration_worker.aws.clients import Clients

NOW = 1_800_000_000.0
ROLE_ARN = "arn:aws:iam::000000000000:role/registration"
TEMPLATE_BODY = (
    '{"Parameters":{"Name":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing",'
    '"Properties":{"ThingName":{"Ref":"Name"}}}}}'
)
PROPERTIES = {
    "TemplateBody": TEMPLATE_BODY,
    "SourceBucket": "assets",
    "SourceKey": "abc.jsonl",
    "InputHash": "abc",
    "Bucket": "fleet",
    "KeyPrefix": "stack/fleet/",
    "RoleArn": ROLE_ARN,
    "TimeoutSeconds": "3000",
    "MaxFailures": "0",
    "EmptyOnDelete": "true",
    "PrerequisiteMode": "ASSUME",
}
REQUEST_ID = "00000000-1111-2222-3333-444444444444"
INPUT_KEY = f"stack/fleet/input/{REQUEST_ID}/00000-new.jsonl"


class StubbedClients(Clients):
    """Clients that reach no network; a call that no test has queued is an error."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}

    def _stubbed(self, service: str, name: str) -> Any:
        client, handlers = _client(service, name)
        client.meta.events._emitter = copy(handlers)
        self.stubs[name] = Stubber(client)
        self.stubs[name].activate()
        return client

    @cached_property
    def iot(self) -> Any:
        return self._stubbed("iot", "iot")

    @cached_property
    def iot_once(self) -> Any:
        return self._stubbed("iot", "iot_once")

    @cached_property
    def s3(self) -> Any:
        return self._stubbed("s3", "s3")

    @cached_property
    def cloudformation(self) -> Any:
        return self._stubbed("cloudformation", "cloudformation")

    def stub(self, name: str) -> Stubber:
        """The queue of the client of that name."""
        getattr(self, name)
        return self.stubs[name]


@cache
def _client(service: str, name: str) -> tuple[Any, Any]:
    """Return a client and its event handlers, of which each test has a copy.

    Making a client takes longer than most tests.
    """
    settings: dict[str, Any] = {
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    client: Any = boto3.client(service, **settings)  # type: ignore[call-overload]
    return client, client.meta.events._emitter


def event(kind: str = "Create", **changes: Any) -> dict[str, Any]:
    """A request as CloudFormation sends it."""
    return {
        "RequestType": kind,
        "RequestId": REQUEST_ID,
        "StackId": "arn:aws:cloudformation:us-east-1:000000000000:stack/stack/0000",
        "LogicalResourceId": "Fleet30813DF3",
        "ResponseURL": "http://127.0.0.1:9/answer",
        "ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:on_event",
        "ResourceProperties": PROPERTIES,
        **changes,
    }


def described(task_id: str = "task-1", status: str = "InProgress", **changes: Any) -> Any:
    """An answer of DescribeThingRegistrationTask."""
    return {
        "taskId": task_id,
        "status": status,
        "inputFileBucket": "fleet",
        "inputFileKey": INPUT_KEY,
        "roleArn": ROLE_ARN,
        "templateBody": TEMPLATE_BODY,
        "creationDate": datetime.fromtimestamp(NOW - 60, timezone.utc),
        "successCount": 0,
        "failureCount": 0,
        "percentageProgress": 0,
        **changes,
    }


def body(text: str) -> Any:
    """A body of GetObject."""
    data = text.encode()
    return StreamingBody(io.BytesIO(data), len(data))


def queue_tasks(aws: StubbedClients, **by_status: list[dict[str, Any]]) -> None:
    """Queue the listing of tasks, and the description of each, status by status."""
    iot = aws.stub("iot")
    for status, tasks in by_status.items():
        iot.add_response(
            "list_thing_registration_tasks",
            {"taskIds": [task["taskId"] for task in tasks]},
            {"status": status},
        )
        for task in tasks:
            iot.add_response("describe_thing_registration_task", task, {"taskId": task["taskId"]})


def queue_described(aws: StubbedClients, **changes: Any) -> None:
    """Queue the description of the task."""
    aws.stub("iot").add_response("describe_thing_registration_task", described(**changes))
