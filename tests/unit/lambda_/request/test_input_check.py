"""The input file where it lies in S3: looked for before anything starts."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import NOW, PROPERTIES, body, event
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.input_check import check_input
from thing_registration_worker.request.request import Request


def declaration(**properties: str) -> Declaration:
    changed = event(ResourceProperties={**PROPERTIES, **properties})
    return Request.from_event(changed, NOW).declaration


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_an_input_that_is_missing_is_named(aws: Any, code: str) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_client_error("get_object", code)

    with pytest.raises(RegistrationError, match=f"s3://assets/abc.jsonl must exist .* got {code}"):
        check_input(aws.s3, declaration())


def test_a_bucket_that_someone_removed_is_named(aws: Any) -> None:
    aws.stub("s3").add_client_error("head_bucket", "404", http_status_code=404)

    with pytest.raises(RegistrationError, match="bucket fleet does not exist"):
        check_input(aws.s3, declaration())


def test_a_bucket_in_another_region_is_refused(aws: Any) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "eu-west-1"})

    with pytest.raises(RegistrationError, match=r"in the Region .* us-east-1, got eu-west-1"):
        check_input(aws.s3, declaration())


@pytest.mark.parametrize(
    ("version", "wanted"), [("", {}), ("v1", {"VersionId": "v1"})], ids=["newest", "pinned"]
)
def test_the_version_that_will_be_copied_is_looked_for(
    aws: Any, version: str, wanted: dict[str, str]
) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    expected = {"Bucket": "assets", "Key": "abc.jsonl", **wanted}
    aws.stub("s3").add_response("get_object", {"Body": body("anything")}, expected)

    check_input(aws.s3, declaration(SourceVersionId=version))


@pytest.mark.parametrize("code", ["AccessDenied", "403"])
def test_an_input_that_is_denied_is_not_said_to_be_missing(aws: Any, code: str) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_client_error("get_object", code, http_status_code=403)

    with pytest.raises(ClientError, match=code):
        check_input(aws.s3, declaration())
