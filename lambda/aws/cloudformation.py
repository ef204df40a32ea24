"""The call to CloudFormation: is the stack rolling back?"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def is_rolling_back(cloudformation: "CloudFormationClient", stack_id: str) -> bool:
    """Return whether CloudFormation is restoring the old properties.

    The request does not show it: a rollback's Update looks like any other.
    """
    stacks = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    return "ROLLBACK" in stacks[0]["StackStatus"]
