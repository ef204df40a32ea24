"""`make deploy-local`: the first command of the README."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import LocalAws
from tests.faults.devices import device
from tools import kept
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
        timeout=600,
    )


def test_it_shows_what_is_registered_and_leaves_nothing(tmp_path: Path) -> None:
    done = deploy_local(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "SuccessCount    5" in done.stdout
    assert "AWS IoT has 5 things: air-sensor-001, air-sensor-002" in done.stdout
    assert "0 failed" in done.stdout
    assert "/RESULTS-0.jsonl" in done.stdout
    assert "destroy" in done.stdout


def input_file(path: Path, count: int) -> list[str]:
    """Write devices for the template of examples/fleet; the lines."""
    devices = [{**device(f"air-{n:02}"), "SerialNumber": str(n)} for n in range(count)]
    lines = [json.dumps(each) + "\n" for each in devices]
    path.write_text("".join(lines))
    return lines


def first_step(done: subprocess.CompletedProcess[str]) -> str:
    """Return what was done first."""
    return done.stdout.split("\n== ")[1].partition("\n")[0]


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
def lines(home: Path) -> list[str]:
    """The lines of the first input file."""
    return input_file(home / "devices.jsonl", 4)


# One kept local AWS's life, in the order of its tests.


def test_bad_input_is_shown_as_it_is_and_is_the_exit_status(home: Path) -> None:
    bad = home / "bad.jsonl"
    bad.write_text('{"ThingName": "air sensor"}\n')

    done = deploy_local(home, KEEP="1", INPUT=str(bad))

    assert done.returncode == 1
    assert f"{bad}:1: ThingName: " in done.stderr
    assert "Traceback" not in done.stderr
    assert first_step(done) == "start a local AWS"


def test_kept_a_deployment_that_fails_leaves_it_for_the_next_which_says_how_to_reach_and_end_it(
    home: Path, lines: list[str]
) -> None:
    done = deploy_local(home, KEEP="1", INPUT=str(home / "devices.jsonl"))

    assert done.returncode == 0, done.stderr
    record = json.loads((home / "kept.json").read_text())
    assert first_step(done) == f"use the local AWS at {record['endpoint_url']}"
    assert "4 new or changed: 4 registered, 0 failed · 0 unchanged · 0 no longer" in done.stdout
    said = done.stdout.splitlines()
    exports = dict(
        line.removeprefix("export ").split("=", 1) for line in said if line.startswith("export ")
    )
    (kill,) = (line.split() for line in said if "kill " in line)
    assert int(kill[-1]) == record["pid"]
    aws = [
        sys.executable,
        "-c",
        "import boto3; print(len(boto3.client('iot').list_things()['things']))",
    ]
    listed = subprocess.run(
        aws, env={**os.environ, **exports}, capture_output=True, text=True, check=True
    )
    assert listed.stdout.strip() == "4"


def test_kept_it_is_updated_by_the_next_call_and_ended_by_one_that_does_not_keep_it(
    home: Path, lines: list[str]
) -> None:
    file = home / "devices.jsonl"
    file.write_text("".join([*lines[1:3], *input_file(home / "more.jsonl", 6)[4:]]))
    record = json.loads((home / "kept.json").read_text())
    updated = deploy_local(home, KEEP="1", INPUT=str(file))
    repeated = deploy_local(home, KEEP="1", INPUT=str(file))
    last = deploy_local(home, INPUT=str(file))

    done = [updated, repeated, last]
    assert [each.returncode for each in done] == [0, 0, 0], done
    assert {first_step(each) for each in done} == {f"use the local AWS at {record['endpoint_url']}"}
    told = "2 new or changed: 2 registered, 0 failed · 2 unchanged · 2 no longer in the file"
    assert told in updated.stdout
    assert "AWS IoT has 6 things: air-00, air-01" in updated.stdout
    assert "Nothing has changed since the last deployment" in repeated.stdout
    assert "== destroy: " in last.stdout
    assert not (home / "kept.json").exists()
    assert LocalAws.attach(record["endpoint_url"], record["pid"]) is None
