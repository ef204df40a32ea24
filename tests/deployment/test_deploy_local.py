"""`make deploy-local`: the first command of the README."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def deploy_local(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run what the make target runs, in an empty home folder."""
    return subprocess.run(
        [sys.executable, "-m", "tools.deploy_local"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_it_shows_what_is_registered_and_leaves_nothing(tmp_path: Path) -> None:
    done = deploy_local(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "SuccessCount  5" in done.stdout
    assert "AWS IoT has 5 things: air-sensor-001, air-sensor-002" in done.stdout
    assert "0 failed" in done.stdout
    assert "/RESULTS-0.jsonl" in done.stdout
    assert "destroy" in done.stdout


def test_kept_it_says_how_to_reach_it_and_a_signal_ends_it(tmp_path: Path) -> None:
    done = deploy_local(tmp_path, KEEP="1")

    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
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
    os.kill(int(kill[-1]), 15)


def test_bad_input_is_shown_as_it_is_and_is_the_exit_status(tmp_path: Path) -> None:
    bad = tmp_path / "devices.jsonl"
    bad.write_text('{"ThingName": "air sensor"}\n')

    done = deploy_local(tmp_path, INPUT=str(bad))

    assert done.returncode == 1
    assert f"{bad}:1: ThingName: " in done.stderr
    assert "Traceback" not in done.stderr
