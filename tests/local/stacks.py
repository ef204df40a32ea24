"""Stacks with a custom resource, for tests of CloudFormation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local import LocalAws
from tests.local.fleet import eventually

if TYPE_CHECKING:
    from local.simulation import SimulatedAws

# Answers as its properties say, and notes what it was sent and the stack's status in a bucket.
HANDLER = """
import json, os, time, urllib.request, boto3
def handler(event, context):
    kind = event["RequestType"]
    status = boto3.client("cloudformation").describe_stacks(
        StackName=event["StackId"])["Stacks"][0]["StackStatus"]
    names = ("RequestType", "PhysicalResourceId", "RequestId", "ResponseURL")
    note = {name: event.get(name) for name in names}
    key = f"{time.time_ns()}-{event['LogicalResourceId']}"
    boto3.client("s3").put_object(
        Bucket="notes", Key=key, Body=json.dumps({**note, "StackStatus": status}))
    answers = json.loads(event["ResourceProperties"].get(kind, '[{"Status": "SUCCESS"}]'))
    for answer in answers:
        if "raise" in answer:
            raise ValueError(answer["raise"])
        body = {
            "PhysicalResourceId": event.get("PhysicalResourceId", "made"),
            "StackId": event["StackId"], "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"], **answer}
        for attempt in range(5):
            request = urllib.request.Request(
                event["ResponseURL"], json.dumps(body).encode(), method="PUT")
            try:
                urllib.request.urlopen(request)
                break
            except urllib.error.HTTPError:
                time.sleep(0.05)
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def provider_role(aws: LocalAws | SimulatedAws) -> str:
    """Make the role of the provider, unless it exists, and return its ARN."""
    iam = aws.client("iam")
    try:
        role = iam.create_role(RoleName="provider", AssumeRolePolicyDocument=json.dumps(TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName="provider")
    allow = {"Effect": "Allow", "Action": ["s3:*", "cloudformation:*"], "Resource": "*"}
    iam.put_role_policy(
        RoleName="provider",
        PolicyName="all",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    arn: str = role["Role"]["Arn"]
    return arn


def provider(aws: LocalAws | SimulatedAws, source: str = HANDLER) -> str:
    """Make a Lambda that answers custom-resource requests and return its ARN."""
    aws.client("s3").create_bucket(Bucket="notes")
    template = {
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "provider",
                    "Code": {"ZipFile": source},
                    "Handler": "index.handler",
                    "Runtime": "python3.14",
                    "Role": provider_role(aws),
                    "Timeout": 60,
                },
            }
        }
    }
    aws.client("cloudformation").create_stack(
        StackName="provider", TemplateBody=json.dumps(template)
    )
    assert ended(aws, "provider")["StackStatus"] == "CREATE_COMPLETE"
    arn: str = aws.client("lambda").get_function(FunctionName="provider")["Configuration"][
        "FunctionArn"
    ]
    return arn


def custom(service_token: str, **properties: Any) -> str:
    """A template with one custom resource, `Thing`; lists of answers become JSON."""
    encoded = {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in properties.items()
    }
    resource = {
        "Type": "Custom::Thing",
        "Properties": {"ServiceToken": service_token, "ServiceTimeout": 120, **encoded},
    }
    return json.dumps({"Resources": {"Thing": resource}})


def ended(aws: LocalAws | SimulatedAws, name: str) -> dict[str, Any]:
    """A stack once its operation is over."""
    cloudformation = aws.client("cloudformation")
    found: dict[str, Any] = eventually(
        lambda: cloudformation.describe_stacks(StackName=name)["Stacks"][0],
        lambda stack: not stack["StackStatus"].endswith("IN_PROGRESS"),
    )
    return found


def notes(aws: LocalAws | SimulatedAws) -> list[dict[str, Any]]:
    """What the provider was sent, in order; asked for once."""
    s3 = aws.client("s3")
    found = []
    for item in s3.list_objects_v2(Bucket="notes").get("Contents", []):
        found.append(json.load(s3.get_object(Bucket="notes", Key=item["Key"])["Body"]))
        s3.delete_object(Bucket="notes", Key=item["Key"])
    return found


def reasons(aws: LocalAws | SimulatedAws, stack_id: str, status: str) -> list[str]:
    """Why the custom resource came to a status."""
    events = aws.client("cloudformation").describe_stack_events(StackName=stack_id)
    return [
        event.get("ResourceStatusReason", "")
        for event in events["StackEvents"]
        if event["LogicalResourceId"] == "Thing" and event["ResourceStatus"] == status
    ]


def ended_or_gone(aws: LocalAws | SimulatedAws, name: str) -> None:
    """Wait until a stack's operation is over or the stack is gone."""
    cloudformation = aws.client("cloudformation")
    try:
        ended(aws, name)
    except cloudformation.exceptions.ClientError:
        return


def create(aws: LocalAws | SimulatedAws, name: str, template: str) -> dict[str, Any]:
    """Create a stack and return it once that has ended."""
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=template)
    return ended(aws, name)


def update(aws: LocalAws | SimulatedAws, name: str, template: str) -> dict[str, Any]:
    """Update a stack and return it once that has ended."""
    aws.client("cloudformation").update_stack(StackName=name, TemplateBody=template)
    return ended(aws, name)
