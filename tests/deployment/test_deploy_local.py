"""`make deploy-local`: the first command of the README."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.devices import device
from tools.kept import FOLDER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def deploy_local(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run what the make target runs, in an empty home folder, which also says what was kept."""
    return subprocess.run(
        [sys.executable, "-m", "tools.deploy_local"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), FOLDER: str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_it_shows_what_is_registered_and_leaves_nothing(tmp_path: Path) -> None:
    done = deploy_local(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "SuccessCount    5" in done.stdout
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


def input_file(path: Path, count: int) -> list[str]:
    """Write devices for the template of examples/fleet; the lines."""
    devices = [{**device(f"air-{n:02}"), "SerialNumber": str(n)} for n in range(count)]
    lines = [json.dumps(each) + "\n" for each in devices]
    path.write_text("".join(lines))
    return lines


def test_kept_it_is_updated_by_the_next_call_and_ended_by_one_that_does_not_keep_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "devices.jsonl"
    lines = input_file(file, 4)
    first = deploy_local(tmp_path, KEEP="1", INPUT=str(file))
    file.write_text("".join([*lines[1:3], *input_file(tmp_path / "more.jsonl", 6)[4:]]))
    second = deploy_local(tmp_path, KEEP="1", INPUT=str(file))
    third = deploy_local(tmp_path, KEEP="1", INPUT=str(file))
    last = deploy_local(tmp_path, INPUT=str(file))

    done = [first, second, third, last]
    assert [each.returncode for each in done] == [0, 0, 0, 0], done
    started, *used = [each.stdout.split("\n== ")[1].partition("\n")[0] for each in done]
    assert started == "start a local AWS"
    assert len(set(used)) == 1
    assert "use the local AWS at http://127.0.0.1:" in used[0]
    assert "4 new or changed: 4 registered, 0 failed · 0 unchanged · 0 no longer" in first.stdout
    told = "2 new or changed: 2 registered, 0 failed · 2 unchanged · 2 no longer in the file"
    assert told in second.stdout
    assert "AWS IoT has 6 things: air-00, air-01" in second.stdout
    assert "Nothing has changed since the last deployment" in third.stdout
    assert "== destroy: " in last.stdout
    assert not list(tmp_path.glob("kept.json"))


def test_kept_a_deployment_that_fails_leaves_it_for_the_next(tmp_path: Path) -> None:
    bad = tmp_path / "devices.jsonl"
    bad.write_text('{"ThingName": "air sensor"}\n')
    failed = deploy_local(tmp_path, KEEP="1", INPUT=str(bad))

    mended = deploy_local(tmp_path)

    assert (failed.returncode, mended.returncode) == (1, 0), mended.stderr
    assert "== use the local AWS at " in mended.stdout
    assert "AWS IoT has 5 things" in mended.stdout
