"""The command: when it refuses, and that it leaves nothing, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local import LocalAws
from tests.verify_aws.left import left_behind
from tools.cdk import ROOT
from tools.verify_aws.__main__ import main
from tools.verify_aws.questions import new_certificates

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("", "ACCOUNT must be the 12 digits"),
        ("12345", "ACCOUNT must be the 12 digits"),
        ("123456789012", "the credentials are those of account 000000000000, not of 123456789012"),
    ],
)
def test_it_refuses_without_the_number_of_the_credentials_account(
    aws: LocalAws, capsys: pytest.CaptureFixture[str], account: str, said: str
) -> None:
    assert main([account]) == 2
    assert said in capsys.readouterr().err
    assert left_behind(aws) == []


def test_it_refuses_where_a_registration_task_runs(
    aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.faults(foreign_task_seconds=60)

    status = main([aws.account])

    aws.faults()
    assert status == 2
    assert "runs in the account, which has one slot" in capsys.readouterr().err
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_group_that_fails_is_said_and_everything_is_removed(
    aws: LocalAws, tmp_path: Path
) -> None:
    aws.faults(calls=[{"api": "CreatePolicy", "code": "UnauthorizedException", "seconds": 600}])

    status = main([aws.account, "--link-minutes=0", f"--output={tmp_path / 'answers.json'}"])

    aws.faults()
    answers = json.loads((tmp_path / "answers.json").read_text())["answers"]
    problems = {item["id"]: item["problem"] for item in answers if item["said"] is None}
    assert status == 1
    assert set(problems) == {
        *(question.id for question in new_certificates.GROUP.questions),
        "deployment",
    }
    assert "UnauthorizedException" in problems["results-line"]
    assert "cdk bootstrap" in problems["deployment"]
    assert left_behind(aws) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_removes_everything(aws: LocalAws, number: signal.Signals) -> None:
    aws.faults(things_per_second=5)
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.verify_aws", aws.account],
        cwd=ROOT,
        env={**os.environ, **aws.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("asking about a running task"):
            process.send_signal(number)
            break

    printed, errors = process.communicate(timeout=300)

    aws.faults()
    assert process.returncode == 128 + number
    assert "nothing was written" in errors
    assert "removing everything" in printed
    assert left_behind(aws) == []
