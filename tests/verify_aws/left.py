"""What a run has left in an account."""

from __future__ import annotations

from local import LocalAws


def left_behind(aws: LocalAws) -> list[str]:
    """Return the names of all that `cdk bootstrap` has not made."""
    iot = aws.client("iot")
    logs = aws.client("logs").describe_log_groups()["logGroups"]
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    names = [
        *(thing["thingName"] for thing in iot.list_things(maxResults=250)["things"]),
        *(item["certificateId"] for item in iot.list_certificates()["certificates"]),
        *(policy["policyName"] for policy in iot.list_policies()["policies"]),
        *(group["groupName"] for group in iot.list_billing_groups()["billingGroups"]),
        *(bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]),
        *(role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]),
        *(group["logGroupName"] for group in logs),
        *(stack["StackName"] for stack in stacks),
        *iot.list_thing_registration_tasks(status="InProgress")["taskIds"],
    ]
    return [name for name in names if not name.startswith(("cdk-", "CDKToolkit", "aws-iot-"))]
