"""The input file where it lies in S3: checked before anything starts."""

import re
from typing import Any

import pytest

from errors import RegistrationError
from input_check import check_input
from tests.unit.lambda_.stubs import body


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a line must be a JSON object in UTF-8, got b''"),
        ("\ufeff{}", "a line must be a JSON object in UTF-8"),
        ("[]", "a line must be a JSON object, got b'[]'"),
        (
            '{"Name": "a"}\n{"name": "b"}',
            ":2: Name: a parameter without a Default must",
        ),
        ('{"Name": "' + "x" * 300_000 + '"}', "a line must have at most 256000 bytes, got 300012"),
    ],
)
def test_the_first_lines_of_the_input_are_looked_at_before_anything_starts(
    aws: Any, make_step: Any, content: str, message: str
) -> None:
    s3 = aws.stub("s3")
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
    s3.add_response("get_object", {"Body": body(content)})

    with pytest.raises(RegistrationError, match=re.escape(message)):
        check_input(aws.s3, make_step("Prepare").request.declaration)


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_an_input_that_is_missing_is_named(aws: Any, make_step: Any, code: str) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_client_error("get_object", code)

    with pytest.raises(RegistrationError, match=f"s3://assets/abc.jsonl must exist .* got {code}"):
        check_input(aws.s3, make_step("Prepare").request.declaration)


def test_a_bucket_that_someone_removed_is_named(aws: Any, make_step: Any) -> None:
    aws.stub("s3").add_client_error("head_bucket", "404", http_status_code=404)

    with pytest.raises(RegistrationError, match="bucket fleet does not exist"):
        check_input(aws.s3, make_step("Prepare").request.declaration)


def test_a_bucket_in_another_region_is_refused(aws: Any, make_step: Any) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "eu-west-1"})

    with pytest.raises(RegistrationError, match=r"in the Region .* us-east-1, got eu-west-1"):
        check_input(aws.s3, make_step("Prepare").request.declaration)
