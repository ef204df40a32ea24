"""Difference: a call on a bucket that does not exist is AccessDenied without rights on its name.

AWS finds the bucket before it looks at rights, which the policy of the bucket may give: whoever
asks for a missing one gets NoSuchBucket. Its pages list that error and do not say what comes first;
a request without any credentials shows it.
Patch: permissions are asked for buckets that exist, and for CreateBucket.
Unnecessary once ministack answers NoSuchBucket to a role without rights.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.services import s3

_BUCKET_ARN = "arn:aws:s3:::"


def apply() -> None:
    """Apply the patch."""
    ask = iam_evaluator.enforce

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        denial = ask(access_key_id, iam_action, service, region, resource_arn, service_context)
        is_denied = isinstance(denial, iam_evaluator.EvalResult)
        return None if is_denied and _is_missing(iam_action, resource_arn) else denial

    iam_evaluator.enforce = enforce


def _is_missing(iam_action: str, resource_arn: str) -> bool:
    if iam_action == "s3:CreateBucket" or not resource_arn.startswith(_BUCKET_ARN):
        return False
    bucket = resource_arn.removeprefix(_BUCKET_ARN).partition("/")[0]
    return bool(bucket) and bucket != "*" and s3._bucket_owner_account(bucket) is None
