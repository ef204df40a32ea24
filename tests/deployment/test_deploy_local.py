"""`make deploy-local`: the first command of the README."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import LocalAws
from tests.simulation.devices import device
from tools import kept
from tools.kept import FOLDER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def deploy_local(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run what the make target runs, in an empty home folder, which also says what was kept."""
    return subprocess.run(
        [sys.executable, "-m", "tools.deploy_local"],
        cwd=ROOT,
        env={
            **os.environ,
            "HOME": str(home),
            FOLDER: str(home),
            "CDK_VALIDATION": "false",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def air_sensor(number: int) -> dict[str, object]:
    """A device for the template of examples/fleet."""
    return {**device(f"air-{number}"), "SerialNumber": str(number)}


def first_step(done: subprocess.CompletedProcess[str]) -> str:
    """Return what was done first."""
    return done.stdout.partition("\n")[0].removeprefix("✓ ").rpartition(": ")[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    yield home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(home))
        left = kept.find()
    if left is not None:
        left.stop()


@pytest.fixture(scope="module")
def first(home: Path) -> subprocess.CompletedProcess[str]:
    """The first deployment that succeeds."""
    return deploy_local(home, KEEP="1")


@pytest.fixture
def record(home: Path) -> dict[str, Any]:
    """What is recorded of the local AWS that is kept."""
    found: dict[str, Any] = json.loads((home / "kept.json").read_text())
    return found


# One kept local AWS's life, in the order of its tests.


def test_bad_input_is_shown_as_it_is_and_is_the_exit_status(home: Path) -> None:
    bad = home / "bad.jsonl"
    bad.write_text('{"ThingName": "air sensor"}\n')

    done = deploy_local(home, KEEP="1", INPUT=str(bad))

    assert done.returncode == 1
    assert f"error: {bad}:1: ThingName: " in done.stdout
    assert done.stderr == ""
    # Nothing was started for it.
    assert "local AWS" not in done.stdout
    assert not (home / "kept.json").exists()


def test_what_fails_in_aws_is_named_with_its_reason(tmp_path: Path) -> None:
    template = json.loads((ROOT / "examples" / "fleet" / "template.json").read_text())
    certificate = {"CertificateId": "a" * 64}
    template["Resources"]["certificate"]["Properties"] = certificate
    (tmp_path / "template.json").write_text(json.dumps(template))

    done = deploy_local(tmp_path, TEMPLATE=str(tmp_path / "template.json"))

    assert done.returncode == 1
    assert "✗ deploy: " in done.stdout
    assert re.search(r"^  Fleet\w*: CREATE_FAILED: ", done.stdout, re.MULTILINE)
    assert "does not exist" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_an_interrupt_ends_what_it_has_started_and_leaves_no_folder(tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.deploy_local"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch), FOLDER: str(tmp_path), "KEEP": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell without a terminal lets its jobs ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert "start a local AWS" in process.stdout.readline()
    while not (tmp_path / "kept.json").exists():
        time.sleep(0.1)
    pid = json.loads((tmp_path / "kept.json").read_text())["pid"]

    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)

    assert process.returncode == 130
    assert error == f"interrupted: the local AWS with pid {pid} was ended, no file is left\n"
    assert not Path(f"/proc/{pid}").exists()
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "kept.json").exists()


def test_kept_a_deployment_shows_what_is_registered(
    first: subprocess.CompletedProcess[str], record: dict[str, Any]
) -> None:
    assert first.returncode == 0, first.stderr
    assert first_step(first) == "start a local AWS"
    assert "5 new or changed: 5 registered, 0 failed" in first.stdout
    assert "0 unchanged · 0 no longer in the file" in first.stdout
    assert "TaskId " in first.stdout
    assert "AWS IoT has 5 things: air-sensor-001, air-sensor-002" in first.stdout
    assert "ReportsUri      s3://" in first.stdout
    # Of what cdk itself prints, nothing.
    assert "CREATE_COMPLETE" not in first.stdout + first.stderr


def test_kept_it_says_how_to_reach_and_end_it(
    first: subprocess.CompletedProcess[str], record: dict[str, Any]
) -> None:
    said = first.stdout.splitlines()
    exports = dict(
        line.removeprefix("export ").split("=", 1) for line in said if line.startswith("export ")
    )
    (kill,) = (line.split() for line in said if "kill " in line)
    aws = [
        sys.executable,
        "-c",
        "import boto3; print(len(boto3.client('iot').list_things()['things']))",
    ]
    listed = subprocess.run(
        aws, env={**os.environ, **exports}, capture_output=True, text=True, check=True
    )
    assert listed.stdout.strip() == "5"
    assert int(kill[-1]) == record["pid"]


def test_kept_it_is_updated_by_the_next_call_and_ended_by_one_that_does_not_keep_it(
    home: Path, record: dict[str, Any]
) -> None:
    file = home / "devices.jsonl"
    known = (ROOT / "examples" / "fleet" / "devices.jsonl").read_text().splitlines(keepends=True)
    file.write_text("".join([*known[1:3], *(json.dumps(air_sensor(n)) + "\n" for n in range(2))]))
    updated = deploy_local(home, KEEP="1", INPUT=str(file))
    repeated = deploy_local(home, KEEP="1", INPUT=str(file))
    last = deploy_local(home, INPUT=str(file))

    done = [updated, repeated, last]
    assert [each.returncode for each in done] == [0, 0, 0], done
    assert {first_step(each) for each in done} == {f"use the local AWS at {record['endpoint_url']}"}
    assert "2 new or changed: 2 registered, 0 failed" in updated.stdout
    assert "2 unchanged · 3 no longer in the file" in updated.stdout
    assert "AWS IoT has 7 things: air-sensor-001, air-sensor-002" in updated.stdout
    assert "Nothing has changed since the last deployment" in repeated.stdout
    assert "✓ destroy: " in last.stdout
    assert not (home / "kept.json").exists()
    assert LocalAws.attach(record["endpoint_url"], record["pid"]) is None
