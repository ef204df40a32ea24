"""What a user can cause is one sentence that says what, what was got, and what to do."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unit.constructs.answers import answering, refusal
from tests.unit.constructs.cases import lines, thing
from thing_registration.cli import app
from thing_registration.known_errors import report
from thing_registration_worker.errors import RegistrationError

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    config = (
        "[profile sso]\nsso_start_url = https://start\nsso_region = eu-west-1\n"
        "sso_account_id = 1\nsso_role_name = r\n"
        "[profile process]\ncredential_process = /bin/echo hello\n"
    )
    Path("config").write_text(config)
    Path("broken").write_text("[profile\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # However long one waits between attempts, the answer is the same.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    Path("template.json").write_text(
        json.dumps(thing(AttributePayload={"serial": {"Ref": "SerialNumber"}}))
    )
    Path("devices.jsonl").write_bytes(lines({"ThingName": "a", "SerialNumber": "1"}))


def plan(*options: str, **environment: str) -> Result:
    arguments = ["plan", "template.json", "devices.jsonl", "--stack", "S", *options]
    return CliRunner().invoke(app, arguments, env=environment)


def assert_one_line(result: Result, *texts: str) -> None:
    """Assert that a command has ended with one line of error that has these texts."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("error: ")
    for text in texts:
        assert text in result.stderr


@pytest.mark.parametrize(
    ("environment", "texts"),
    [
        (KEYS, ("must specify a region", "set AWS_REGION")),
        (REGION, ("Unable to locate credentials", "--profile")),
        ({**REGION, "AWS_ACCESS_KEY_ID": "a"}, ("missing: AWS_SECRET_ACCESS_KEY", "both keys")),
        ({**KEYS, **REGION, "AWS_PROFILE": "none"}, ("profile (none)", "name a profile")),
        ({**KEYS, **REGION, "AWS_CONFIG_FILE": "broken"}, ("config file: broken", "correct that")),
        ({**KEYS, "AWS_REGION": "eu west"}, ("'eu west'", "name a Region such as")),
        ({**KEYS, **REGION, "AWS_ENDPOINT_URL": "nowhere"}, ("Invalid endpoint: nowhere", "check")),
        ({**REGION, "AWS_PROFILE": "sso"}, ("https://start does not exist", "sign in again")),
        ({**REGION, "AWS_PROFILE": "process"}, ("with these settings", "credential_process")),
    ],
)
def test_a_setting_with_which_aws_cannot_be_asked_is_one_line(
    environment: dict[str, str], texts: tuple[str, ...]
) -> None:
    assert_one_line(plan(**environment), *texts)


@pytest.mark.parametrize(
    ("status", "body", "texts"),
    [
        (403, refusal("AccessDenied", "no right"), ("DescribeStacks: AccessDenied: no", "grant")),
        (403, refusal("ExpiredToken", "too old"), ("ExpiredToken: too old", "sign in again")),
        (403, refusal("InvalidClientTokenId", "x"), ("TokenId: x", "check the access key")),
        (403, refusal("SignatureDoesNotMatch", "x"), ("NotMatch: x", "check the secret key")),
        (400, refusal("Throttling", "Rate exceeded"), ("Rate exceeded", "try again in a minute")),
        (500, refusal("InternalFailure", "oops"), ("oops", "try again in some minutes")),
        (502, "<html>no gateway", ("502: Bad Gateway", "try again in some minutes")),
        (200, "<html>log in<br></html>", ("what has answered is not AWS", "--endpoint-url")),
        (400, refusal("ValidationError", "'S'\nis no name"), ("'S' is no name", "arguments")),
    ],
)
def test_an_answer_that_is_an_error_is_one_line(
    status: int, body: str, texts: tuple[str, ...]
) -> None:
    with answering(status, body) as url:
        assert_one_line(plan("--endpoint-url", url, **KEYS, **REGION), *texts)


def test_a_proxy_that_does_not_answer_is_one_line() -> None:
    result = plan(HTTPS_PROXY="http://127.0.0.1:9", **KEYS, **REGION)

    assert_one_line(result, "proxy URL: ", "127.0.0.1:9", "check the network, the Region")


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no.invalid"])
def test_an_endpoint_that_does_not_answer_is_one_line(host: str) -> None:
    result = plan("--endpoint-url", f"http://{host}", **KEYS, **REGION)

    assert_one_line(result, f"http://{host}", "check the network, the Region")


def test_the_code_and_the_operation_are_in_the_json() -> None:
    with answering(403, refusal("AccessDenied", "no right")) as url:
        result = plan("--endpoint-url", url, "--json", **KEYS, **REGION)

    assert (result.exit_code, result.stderr) == (1, "")
    error = json.loads(result.stdout)["error"]
    assert error.pop("message").startswith("DescribeStacks: AccessDenied: no right: grant")
    assert error == {"kind": "aws", "code": "AccessDenied", "operation": "DescribeStacks"}


def test_each_problem_of_the_files_is_a_line_and_a_member_of_the_json() -> None:
    Path("devices.jsonl").write_bytes(
        lines({"ThingName": "a b", "SerialNumber": "1"}, {"ThingName": "c d", "SerialNumber": 1})
    )

    as_text, as_json = plan(), plan("--json")

    assert as_text.stdout == as_json.stderr == ""
    assert (as_text.exit_code, as_json.exit_code) == (1, 1)
    assert [line.partition(" invalid")[0] for line in as_text.stderr.splitlines()] == [
        "error: devices.jsonl:1: ThingName:",
        "error: devices.jsonl:2: ThingName:",
        "warning: devices.jsonl:2: SerialNumber: is 1: should be a string",
    ]
    error = json.loads(as_json.stdout)["error"]
    assert (error["kind"], [each["line"] for each in error["problems"]]) == ("files", [1, 2, 2])
    assert error["problems"][0]["text"].startswith("devices.jsonl:1: ThingName: invalid")


def test_an_error_of_the_system_names_the_file() -> None:
    found = report(PermissionError(13, "Permission denied", "head.json"))

    assert found.message == "head.json: permission denied"
    assert found.to_json() == {
        "error": {"kind": "system", "message": found.message, "path": "head.json"}
    }


def test_an_error_of_the_worker_is_one_of_the_state() -> None:
    found = report(RegistrationError("head.json\ncannot be read"))

    assert (found.kind, found.message) == ("state", "head.json cannot be read")


def test_a_state_without_its_tables_says_what_to_do() -> None:
    found = report(sqlite3.OperationalError("no such table: thing"))

    assert (found.kind, found.message) == (
        "state",
        "the fleet's state in the task's bucket cannot be read (no such table: thing): restore an "
        "earlier version of its objects",
    )


def test_a_killed_process_says_what_to_do() -> None:
    found = report(subprocess.CalledProcessError(-9, "check"))

    assert found.message == (
        "a process that checks a part of the file has ended (-9): free some memory, and run the "
        "command again"
    )
