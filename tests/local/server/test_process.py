"""The server starts, says where it is, and leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import LocalAws
from tests.local.fleet import eventually

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
HANDLER = """
import os
def handler(event, context):
    return {"endpoint": os.environ["AWS_ENDPOINT_URL"], "pid": os.getpid()}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m local` with a temporary folder of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "AWS_ENDPOINT_URL": "http://elsewhere"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def zipped(source: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", source)
    return archive.getvalue()


def invoke_a_lambda(endpoint: str) -> dict[str, Any]:
    settings: Any = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
    }
    iam, functions = boto3.client("iam", **settings), boto3.client("lambda", **settings)
    role = iam.create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="f",
        Runtime="python3.14",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": zipped(HANDLER)},
    )
    answer: dict[str, Any] = json.load(functions.invoke(FunctionName="f")["Payload"])
    return answer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_and_ends_quietly_with_all_that_it_started(
    server: subprocess.Popen[str], number: signal.Signals, tmp_path: Path
) -> None:
    assert server.stdout is not None
    line = server.stdout.readline()
    endpoint = line.strip().removeprefix("AWS_ENDPOINT_URL=")
    answer = invoke_a_lambda(endpoint)
    server.send_signal(number)
    rest, errors = server.communicate(timeout=120)

    assert answer["endpoint"] == endpoint
    assert endpoint.startswith("http://127.0.0.1:")
    assert (server.returncode, rest, errors) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(answer["pid"], 0)


def test_it_listens_on_loopback_only_and_two_stand_side_by_side() -> None:
    with LocalAws() as one, LocalAws() as other:
        one.client("s3").create_bucket(Bucket="only-here")

        assert one.endpoint_url != other.endpoint_url
        assert other.client("s3").list_buckets()["Buckets"] == []
        port = int(one.endpoint_url.rpartition(":")[2])
        if sys.platform == "linux":  # elsewhere loopback is one address only
            socket.create_server(("127.0.0.2", port)).close()


def test_it_ends_with_the_process_that_started_it() -> None:
    script = (
        "import os; from local import LocalAws; aws = LocalAws(); aws.start(); "
        "print(aws.pid, flush=True); os._exit(9)"
    )
    pid = int(
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout
    )

    eventually(lambda: is_running(pid), lambda running: not running)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that has ended may wait for whoever collects orphans here.
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


def test_it_says_why_it_did_not_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(RuntimeError, match=f"port {port} cannot be used"):
            LocalAws(port=port).start()


def test_the_environment_is_all_that_a_command_needs() -> None:
    with LocalAws(region="eu-central-1") as aws:
        environment = aws.environment()
        code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
        arn = subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

        assert arn == f"arn:aws:iam::{aws.account}:root"
        assert environment["CDK_HOME"].startswith(tempfile.gettempdir())
        assert environment["AWS_REGION"] == "eu-central-1"


def test_without_a_with_statement_there_is_no_endpoint() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = LocalAws().endpoint_url


def test_it_goes_on_after_the_with_statement_where_it_is_told_to() -> None:
    aws = LocalAws(outlives=True)
    with aws:
        pass

    assert aws.client("sts").get_caller_identity()["Account"] == aws.account
    aws.stop()


def test_one_that_another_process_started_is_found_by_address_and_pid_and_ended() -> None:
    started = LocalAws(outlives=True)
    started.start()

    found = LocalAws.attach(started.endpoint_url, started.pid)

    assert found is not None
    assert LocalAws.attach(started.endpoint_url, os.getpid()) is None
    assert found.client("sts").get_caller_identity()["Account"] == started.account
    address = (started.endpoint_url, started.pid)
    found.stop()
    assert LocalAws.attach(*address) is None
    started.stop()


def test_what_it_was_told_to_keep_is_there_again(tmp_path: Path) -> None:
    with LocalAws(state_dir=tmp_path) as aws:
        aws.client("iot").create_thing(thingName="kept")
    with LocalAws(state_dir=tmp_path) as aws:
        assert aws.client("iot").describe_thing(thingName="kept")["thingName"] == "kept"


def test_an_unknown_address_of_its_own_is_404() -> None:
    with LocalAws() as aws, pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(aws.endpoint_url + "/_local/nothing")
