"""What is deleted of a bucket, in all versions."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.aws import s3_deletion
from thing_registration_worker.errors import RegistrationError


def test_a_list_that_is_denied_is_an_error_and_not_an_empty_bucket(aws: Any) -> None:
    aws.stub("s3").add_client_error("list_object_versions", "AccessDenied")

    with pytest.raises(ClientError):
        s3_deletion.empty(aws.s3, "fleet", ("a/",), float("inf"))


def test_of_a_place_that_is_a_key_only_that_key_is_deleted(aws: Any) -> None:
    versions = [
        {"Key": "head.json", "VersionId": "1"},
        {"Key": "head.json.bak", "VersionId": "2"},
    ]
    aws.stub("s3").add_response("list_object_versions", {"Versions": versions})
    doomed = {"Objects": versions[:1], "Quiet": True}
    aws.stub("s3").add_response("delete_objects", {}, {"Bucket": "fleet", "Delete": doomed})

    assert not s3_deletion.empty(aws.s3, "fleet", ("head.json",), float("inf"))


def test_a_deletion_goes_on_until_its_time_is_over(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)
    for place in ("a/", "b/"):
        versions = {"Versions": [{"Key": f"{place}1", "VersionId": "1"}]}
        aws.stub("s3").add_response(
            "list_object_versions", versions, {"Bucket": "fleet", "Prefix": place}
        )
        aws.stub("s3").add_response("delete_objects", {})

    assert not s3_deletion.empty(aws.s3, "fleet", ("a/", "b/"), NOW)


def test_an_object_that_s3_refuses_to_delete_is_named(aws: Any) -> None:
    versions = {"Versions": [{"Key": "a/1", "VersionId": "1"}]}
    aws.stub("s3").add_response("list_object_versions", versions)
    errors = {"Errors": [{"Key": "a/1", "Message": "no"}]}
    aws.stub("s3").add_response("delete_objects", errors)

    with pytest.raises(RegistrationError, match="s3://fleet/a/1 could not be deleted: no"):
        s3_deletion.empty(aws.s3, "fleet", ("a/",), float("inf"))
