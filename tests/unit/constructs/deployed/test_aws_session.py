"""The Region and the account of a command are those of the usual settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError, InvalidRegionError

from tests.unit.constructs.answers import answering
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.known_errors import report


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("[profile p]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.mark.parametrize(
    ("environment", "given", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, None, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1"}, "eu-west-3", "eu-west-3"),
        ({}, None, "eu-north-1"),
        ({"AWS_REGION": ""}, None, "eu-north-1"),
    ],
)
def test_the_region_is_the_given_one_or_that_of_the_environment_or_of_the_profile(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], given: str | None, region: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert AwsSession("p", given).region == region


def test_an_endpoint_of_the_environment_that_is_no_url_is_an_error_that_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nowhere")

    with pytest.raises(CommandError, match="Invalid endpoint: nowhere"):
        str(AwsSession("p").region)


def test_a_region_that_is_none_is_an_error_of_botocore() -> None:
    with pytest.raises(InvalidRegionError):
        str(AwsSession("p", "eu west").region)


def test_a_refusal_of_s3_names_the_object() -> None:
    body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

    with answering(403, body) as url, pytest.raises(ClientError) as raised:
        AwsSession(region="eu-west-1", endpoint_url=url).s3.get_object(
            Bucket="files", Key="a/head.json"
        )

    assert report(raised.value).message == (
        f"GetObject of {url}/files/a/head.json: AccessDenied: Access Denied: grant these "
        "credentials that right, or use others with --profile"
    )


def test_an_account_that_aws_does_not_tell_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    assert AwsSession(region="eu-west-1", endpoint_url="http://127.0.0.1:9").account is None
