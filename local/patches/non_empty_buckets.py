"""Difference: CloudFormation deletes a bucket that still holds objects.

Patch: the deletion fails, the resource is DELETE_FAILED.
Unnecessary once ministack fails such a deletion.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
("You can only delete empty buckets. Deletion fails for buckets that have contents.")
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import s3
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Apply the patch."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    delete = handlers["delete"]

    def delete_if_empty(physical_id: str, props: Mapping[str, Any]) -> None:
        bucket = s3._buckets.get(physical_id)
        if bucket and (bucket["objects"] or s3._bucket_has_versions(physical_id)):
            raise ValueError(
                "The bucket you tried to delete is not empty "
                "(Service: Amazon S3; Status Code: 409; Error Code: BucketNotEmpty)"
            )
        delete(physical_id, props)

    handlers["delete"] = delete_if_empty
