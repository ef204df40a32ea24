"""app.py as `cdk` starts it: a process in the folder that holds `constructs/` and `lambda/`."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "fleet"


def run_app(output: Path, **context: str) -> subprocess.CompletedProcess[str]:
    defaults = json.loads((ROOT / "cdk.json").read_text())["context"]
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={
            **os.environ,
            "CDK_OUTDIR": str(output),
            "CDK_CONTEXT_JSON": json.dumps({**defaults, **context}),
            "CDK_VALIDATION": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the app synthesizes with its own defaults."""
    output = tmp_path_factory.mktemp("defaults")
    done = run_app(output)
    assert done.returncode == 0, done.stderr
    return output


def test_the_app_synthesizes_with_its_own_defaults(defaults: Path) -> None:
    template = json.loads((defaults / "ThingRegistration.template.json").read_text())
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert not any(name.startswith("AWS::IoT::") for name in types)
    assert set(template["Outputs"]) == {
        "TaskId",
        "Status",
        "SuccessCount",
        "FailureCount",
        "RegisteredCount",
        "UnchangedCount",
        "RemovedCount",
        "ReportsUri",
    }


def test_by_default_nothing_is_deregistered_and_the_bucket_stays(defaults: Path) -> None:
    bucket, task = resources(defaults)

    assert bucket["DeletionPolicy"] == "Retain"
    assert "Deregister" not in task["Properties"]


@pytest.mark.slow
def test_the_input_file_may_be_csv(tmp_path: Path) -> None:
    lines = (ROOT / "examples" / "fleet" / "devices.jsonl").read_text().splitlines()
    devices = [json.loads(line) for line in lines]
    with (tmp_path / "devices.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["ThingName", "SerialNumber", "CSR"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(devices)

    done = run_app(tmp_path / "out", input=str(tmp_path / "devices.csv"))

    assert done.returncode == 0, done.stderr
    _, task = resources(tmp_path / "out")
    assert task["Properties"]["DeviceCount"] == str(len(devices))


@pytest.mark.slow
@pytest.mark.parametrize("word", ["removed_lines", "all"])
def test_context_chooses_what_is_deregistered_and_removed(tmp_path: Path, word: str) -> None:
    run_app(tmp_path, deregister=word, removal="destroy")

    bucket, task = resources(tmp_path)
    assert bucket["DeletionPolicy"] == "Delete"
    assert task["Properties"]["Deregister"] == word.upper()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("deregister", "deregister must be one of never, removed_lines, all, got 'ALL'"),
        ("removal", "removal must be one of retain, destroy, got 'ALL'"),
    ],
)
def test_another_word_is_refused_naming_the_choices(
    tmp_path: Path, name: str, message: str
) -> None:
    done = run_app(tmp_path, **{name: "ALL"})

    assert (done.returncode, done.stderr.strip()) == (1, message)


def resources(output: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The bucket and the task of the synthesized template."""
    template = json.loads((output / "ThingRegistration.template.json").read_text())
    found = {each["Type"]: each for each in template["Resources"].values()}
    return found["AWS::S3::Bucket"], found["Custom::ThingRegistrationTask"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "app", sorted(ROOT.glob("examples/*/app.py")), ids=lambda app: app.parent.name
)
def test_every_example_synthesizes(app: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_VALIDATION": "false"}

    subprocess.run([sys.executable, app], cwd=ROOT, env=environment, check=True)

    assert len(list(tmp_path.glob("*.template.json"))) == 1


def test_the_source_root_is_no_package_that_would_shadow_constructs() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("template", None, "{path}: cannot be read (no such file"),
        ("template", "{'a': 1}", "{path}:1:2: is not valid JSON ("),
        ("template", '{"x": "' + "y" * 10_241 + '"}', "at most 10,240"),
        ("input", None, "{path}: cannot be read (no such file"),
        ("input", "", "{path}: contains no devices (0 lines): must have one JSON object per line"),
        ("input", '["ThingName"]\n', '{path}:1: is "ThingName": must be one JSON object'),
        (
            "input",
            '{"ThingName": "a", "Serial Number": "1"}\n',
            "{path}:1: Serial Number: is almost certainly a misspelling: the template declares S",
        ),
        (
            "input",
            '{"ThingName": "a b", "SerialNumber": "1", "CSR": ""}\n',
            '{path}:1: ThingName: invalid thing name "a b": must be 1–128 characters',
        ),
    ],
)
def test_bad_input_is_one_line_a_problem_and_exit_status_1(
    tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    path = tmp_path / "given"
    if content is not None:
        path.write_text(content)

    done = run_app(tmp_path / "out", **{name: str(path)})

    assert done.returncode == 1
    assert message.format(path=path) in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "ThingRegistration.template.json").exists()


def test_the_command_line_starts_no_node() -> None:
    script = "import sys, thing_registration.cli; print('aws_cdk' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
