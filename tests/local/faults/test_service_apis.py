"""The API that a request calls is known by botocore's models."""

from __future__ import annotations

import pytest

from local.faults.service_apis import MODELS, api_names, api_of_request, output_members


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "api"),
    [
        ("GET", "/bucket/a/b.txt", {}, {}, "GetObject"),
        ("HEAD", "/bucket/a", {}, {}, "HeadObject"),
        ("HEAD", "/bucket", {}, {}, "HeadBucket"),
        ("PUT", "/bucket/a", {}, {}, "PutObject"),
        ("PUT", "/bucket/a", {}, {"x-amz-copy-source": "x/y"}, "CopyObject"),
        ("PUT", "/bucket/a", {"partNumber": ["1"], "uploadId": ["u"]}, {}, "UploadPart"),
        ("POST", "/bucket/a", {"uploads": [""]}, {}, "CreateMultipartUpload"),
        ("GET", "/bucket", {"list-type": ["2"]}, {}, "ListObjectsV2"),
        ("GET", "/bucket/", {"list-type": ["2"], "prefix": ["p"]}, {}, "ListObjectsV2"),
        ("DELETE", "/bucket/a", {}, {}, "DeleteObject"),
        ("POST", "/bucket", {"delete": [""]}, {}, "DeleteObjects"),
        ("GET", "/bucket/a", {"tagging": [""]}, {}, "GetObjectTagging"),
    ],
)
def test_a_request_to_s3_is_told_by_method_path_and_parameters(
    method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], api: str
) -> None:
    assert api_of_request("s3", method, path, headers, b"", query) == api


def test_a_request_to_another_service_is_told_in_its_protocols_way() -> None:
    target = {"x-amz-target": "AWSStepFunctions.StartExecution"}

    assert api_of_request("states", "POST", "/", target, b"{}", {}) == "StartExecution"
    assert api_of_request("sts", "POST", "/", {}, b"Action=AssumeRole&X=1", {}) == "AssumeRole"
    invoke = "/2015-03-31/functions/name/invocations"
    assert api_of_request("lambda", "POST", invoke, {}, b"", {}) == "Invoke"
    assert api_of_request("iot", "GET", "/things/a", {}, b"", {}) == "DescribeThing"
    policies = "/attached-policies/arn:aws:iot:us-east-1:000000000000:cert/abc"
    assert api_of_request("iot", "POST", policies, {}, b"", {}) == "ListAttachedPolicies"
    assert api_of_request("lambda", "POST", "/nothing/like/it", {}, b"", {}) is None


@pytest.mark.parametrize("service", MODELS)
def test_every_service_has_a_model(service: str) -> None:
    assert api_names(service)


def test_the_members_of_an_answer_are_the_models() -> None:
    assert "successCount" in output_members("iot", "DescribeThingRegistrationTask")
