"""A trivial custom resource, and stacks that have it.

The function does what the property of the request's name says, such as
`Create={"sleep": 5, "answer": {"Status": "FAILED"}}`, and notes what it was sent.
"""

from __future__ import annotations

import json
import time
from typing import Any

from local.simulation import SimulatedAws
from tests.local.stacks import TRUST

HANDLER = """
import json, time, urllib.request, boto3
CODE = "@CODE@"
def handler(event, context):
    kind = event["RequestType"]
    told = json.loads(event["ResourceProperties"].get(kind, "{}"))
    s3 = boto3.client("s3")
    stack = boto3.client("cloudformation").describe_stacks(StackName=event["StackId"])["Stacks"][0]
    rights = []
    for key in ("old", "new"):
        try:
            s3.get_object(Bucket="rights", Key=key)
            rights.append(key)
        except Exception:
            pass
    note = {
        "kind": kind, "resource": event["LogicalResourceId"], "id": event.get("PhysicalResourceId"),
        "status": stack["StackStatus"], "stack": stack["StackName"], "code": CODE,
        "rights": rights, "time": time.time(), "request": event["RequestId"],
        "label": event["ResourceProperties"].get("Label"),
    }
    key = f"{time.time_ns()}-{event['RequestId']}"
    s3.put_object(Bucket="notes", Key=key, Body=json.dumps(note))
    time.sleep(told.get("sleep", 0))
    if told.get("silent"):
        return
    body = {
        "Status": "SUCCESS", "StackId": event["StackId"], "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": event.get("PhysicalResourceId", f"made-{event['RequestId']}"),
        **told.get("answer", {}),
    }
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request)
"""
# Longer than any operation of a test.
_LONGEST_SECONDS = 4 * 3600


def parts(code: str, right: str = "old") -> dict[str, Any]:
    """The resources of a function, with its code's name and the object that it may read."""
    statements = [
        {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::notes/*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::rights/{right}"},
    ]
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST},
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "rights",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "DependsOn": "Policy",
            "Properties": {
                "Code": {"ZipFile": HANDLER.replace("@CODE@", code)},
                "Handler": "index.handler",
                "Runtime": "python3.14",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 900,
            },
        },
    }


def resource(token: Any, *, after: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    """A custom resource; a property that is an object becomes JSON."""
    encoded = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in properties.items()
    }
    made = {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": token, "ServiceTimeout": "600", **encoded},
    }
    return {**made, "DependsOn": after} if after else made


class Provider:
    """The function, and what is done with stacks.

    Attributes:
        token: the function's ARN.
    """

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws
        self.cloudformation = aws.client("cloudformation")
        self._s3 = aws.client("s3")
        for bucket in ("notes", "rights"):
            self._s3.create_bucket(Bucket=bucket)
        for key in ("old", "new"):
            self._s3.put_object(Bucket="rights", Key=key, Body=b"x")
        outputs = {"Token": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}}}
        assert self.create("provider", parts("1"), Outputs=outputs) == "CREATE_COMPLETE"
        (stack,) = self.cloudformation.describe_stacks(StackName="provider")["Stacks"]
        self.token: str = stack["Outputs"][0]["OutputValue"]

    def thing(self, *, after: list[str] | None = None, **properties: Any) -> dict[str, Any]:
        """A custom resource of the function."""
        return resource(self.token, after=after, **properties)

    def begin(self, operation: str, name: str, resources: dict[str, Any], **more: Any) -> str:
        """Send CreateStack or UpdateStack and return the stack's id."""
        top = {key: more.pop(key) for key in ("Outputs",) if key in more}
        stack_id: str = getattr(self.cloudformation, operation)(
            StackName=name,
            TemplateBody=json.dumps({"Resources": resources, **top}),
            Capabilities=["CAPABILITY_IAM"],
            **more,
        )["StackId"]
        return stack_id

    def create(self, name: str, resources: dict[str, Any], **more: Any) -> str:
        """Create a stack; the status that it comes to."""
        return self.end(self.begin("create_stack", name, resources, **more))

    def update(self, name: str, resources: dict[str, Any], **more: Any) -> str:
        """Update a stack; the status that it comes to."""
        return self.end(self.begin("update_stack", name, resources, **more))

    def delete(self, name: str) -> str:
        """Delete a stack; the status that it comes to."""
        stack_id = self.stack_id(name)
        self.cloudformation.delete_stack(StackName=name)
        return self.end(stack_id)

    def stack_id(self, name: str) -> str:
        """The id of a stack."""
        (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        return str(stack["StackId"])

    def status(self, name: str) -> str:
        """The status of a stack now."""
        (stack,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]
        return str(stack["StackStatus"])

    def end(self, name: str) -> str:
        """Wait for the end of a stack's operation; the status that it comes to."""
        end = self._aws.now + _LONGEST_SECONDS
        while (status := self.status(name)).endswith("IN_PROGRESS"):
            assert self._aws.now < end, f"still {status}"
            time.sleep(1)
        return status

    def notes(self) -> list[dict[str, Any]]:
        """What the function was sent, in order; asked for once."""
        found = []
        for item in self._s3.list_objects_v2(Bucket="notes").get("Contents", []):
            body = self._s3.get_object(Bucket="notes", Key=item["Key"])["Body"]
            found.append(json.load(body))
            self._s3.delete_object(Bucket="notes", Key=item["Key"])
        return found

    def kinds(self) -> list[tuple[str, str]]:
        """The kinds of requests and the statuses that the function was sent them in."""
        return [(note["kind"], note["status"]) for note in self.notes()]

    def reasons(self, name: str, status: str, logical_id: str = "Thing") -> list[str]:
        """Why a resource came to a status, the first time first."""
        events = self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return [
            event.get("ResourceStatusReason", "")
            for event in reversed(events)
            if (event["LogicalResourceId"], event["ResourceStatus"]) == (logical_id, status)
        ]
