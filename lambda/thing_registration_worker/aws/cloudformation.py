"""The calls to CloudFormation: what is the stack doing, and since when?"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# What the stack's own event says when an operation of a user begins.
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def stack_status(cloudformation: "CloudFormationClient", stack_id: str) -> str:
    """Return the stack's status, such as UPDATE_ROLLBACK_IN_PROGRESS.

    No request shows it: a rollback's Update looks like any other.
    """
    return cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]


def operation_began_at(cloudformation: "CloudFormationClient", stack_id: str) -> float:
    """Return when the creation or update began that is under way, or is rolled back.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html

    Returns:
        In epoch seconds; 0 where no event says it.
    """
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    # The newest events come first.
    for page in pages:
        for event in page["StackEvents"]:
            is_own = event.get("PhysicalResourceId") == stack_id
            if is_own and event.get("ResourceStatus") in _BEGINNINGS:
                return event["Timestamp"].timestamp()
    return 0
