"""Every example deploys and goes again; one does as `make example NAME=…` runs it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployment.uploaded_stack import UploadedStack, read_assembly, simulated
from tests.simulation.registry import Registry
from tools.example import example_names, find_app
from tools.kept import FOLDER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# This one is deployed with the real command line, the others through CloudFormation's API.
BY_NAME = "csv"


def run_example(name: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run an example from a folder, on a local AWS of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tools.example", name],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEEP": "", FOLDER: str(cwd)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_an_example_is_run_by_its_name_from_any_folder(tmp_path: Path) -> None:
    done = run_example(BY_NAME, tmp_path)

    assert done.returncode == 0, done.stderr
    shown = re.search(r"AWS IoT has (\d+) things: \S+", done.stdout)
    assert shown is not None, done.stdout
    assert int(shown[1]) > 0
    assert "✓ destroy: " in done.stdout


@pytest.mark.parametrize("example", [name for name in example_names() if name != BY_NAME])
def test_an_example_registers_its_things_from_any_folder_and_is_destroyed(
    tmp_path: Path, example: str
) -> None:
    app = find_app(example)
    assert app is not None
    output = tmp_path / "cdk.out"
    environment = {**os.environ, "CDK_OUTDIR": str(output), "CDK_VALIDATION": "false"}
    subprocess.run([sys.executable, app], cwd=tmp_path, env=environment, check=True)
    assembly = read_assembly(output)
    ((name, template),) = assembly.templates.items()

    with simulated() as aws:
        assembly.publish(aws)
        bootstrap = {"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "30", "Type": "String"}
        aws.client("ssm").put_parameter(**bootstrap)
        stack = UploadedStack(aws, name, template, lambda status: None)

        assert stack.create() == "CREATE_COMPLETE", stack.reasons()
        assert Registry(aws).things()
        assert stack.delete() == "DELETE_COMPLETE", stack.reasons()


def test_an_unknown_example_is_refused_with_the_names_of_all(tmp_path: Path) -> None:
    done = run_example("no-such-example", tmp_path)

    assert done.returncode == 2
    assert f"the examples are: {', '.join(example_names())}" in done.stderr


def test_any_folder_with_an_app_is_an_example(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")

    assert find_app(str(tmp_path)) == (tmp_path / "app.py").resolve()
    assert find_app(str(tmp_path / "other")) is None
