"""The input file where it lies in S3: checked before anything starts."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import NOW, PROPERTIES, TEMPLATE_BODY, body, event
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.input_check import check_input
from thing_registration_worker.request.request import Request


def declaration(**properties: str) -> Declaration:
    changed = event(ResourceProperties={**PROPERTIES, **properties})
    return Request.from_event(changed, NOW).declaration


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
    aws: Any, content: str, message: str
) -> None:
    s3 = aws.stub("s3")
    s3.add_response("head_bucket", {"BucketRegion": "us-east-1"})
    s3.add_response("get_object", {"Body": body(content)})

    with pytest.raises(RegistrationError, match=re.escape(message)):
        check_input(aws.s3, declaration())


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


def check(aws: Any, content: str, template: str = "") -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_response("get_object", {"Body": body(content)})
    check_input(aws.s3, declaration(TemplateBody=template or TEMPLATE_BODY))


def device(length: int) -> str:
    return '{"Name": "' + "x" * (length - 12) + '"}'


def test_ten_lines_are_looked_at_and_no_more(aws: Any) -> None:
    check(aws, '{"Name": "a"}\n' * 10 + "[]\n")

    with pytest.raises(
        RegistrationError, match=r"s3://assets/abc\.jsonl:10: a line must be a JSON"
    ):
        check(aws, '{"Name": "a"}\n' * 9 + "[]\n")


def test_a_line_may_have_256000_bytes(aws: Any) -> None:
    check(aws, device(256_000))

    with pytest.raises(RegistrationError, match="at most 256000 bytes, got 256001"):
        check(aws, device(256_001))


def test_a_line_that_goes_on_behind_what_is_read_is_not_looked_at(aws: Any) -> None:
    check(aws, f"{device(256_000)}\n" * 10)


def test_only_what_is_referred_to_and_has_no_default_needs_a_value(aws: Any) -> None:
    parameters = '{"A":{"Type":"String"},"B":{"Type":"String","Default":"b"},"C":{"Type":"String"}}'
    resources = '{"r":[{"Ref":"A"},{"Ref":"B"},{"Ref":"C","More":{}},{"Ref":["C"]}]}'
    template = f'{{"Parameters":{parameters},"Resources":{resources}}}'

    check(aws, '{"A": "a"}', template)
    with pytest.raises(RegistrationError, match=":1: A: a parameter without a Default"):
        check(aws, '{"C": "c"}', template)


@pytest.mark.parametrize("code", ["AccessDenied", "403"])
def test_an_input_that_is_denied_is_not_said_to_be_missing(aws: Any, code: str) -> None:
    aws.stub("s3").add_response("head_bucket", {"BucketRegion": "us-east-1"})
    aws.stub("s3").add_client_error("get_object", code, http_status_code=403)

    with pytest.raises(ClientError, match=code):
        check_input(aws.s3, declaration())
