"""The call to CloudFormation: what is the stack doing?"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def stack_status(cloudformation: "CloudFormationClient", stack_id: str) -> str:
    """Return the stack's status, such as UPDATE_ROLLBACK_IN_PROGRESS.

    No request shows it: a rollback's Update looks like any other.
    """
    return cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]
