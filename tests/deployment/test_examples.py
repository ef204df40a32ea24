"""Every example deploys and goes again: what `make example NAME=…` runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.example import example_names, find_app
from tools.kept import FOLDER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run_example(name: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run an example from a folder, on a local AWS of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tools.example", name],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEEP": "", FOLDER: str(cwd)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("example", example_names())
def test_an_example_registers_its_things_from_any_folder_and_is_destroyed(
    tmp_path: Path, example: str
) -> None:
    done = run_example(example, tmp_path)

    assert done.returncode == 0, done.stderr
    shown = re.search(r"AWS IoT has (\d+) things: \S+", done.stdout)
    assert shown is not None, done.stdout
    assert int(shown[1]) > 0
    assert "== destroy: " in done.stdout


def test_an_unknown_example_is_refused_with_the_names_of_all(tmp_path: Path) -> None:
    done = run_example("no-such-example", tmp_path)

    assert done.returncode == 2
    assert f"the examples are: {', '.join(example_names())}" in done.stderr


def test_any_folder_with_an_app_is_an_example(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")

    assert find_app(str(tmp_path)) == (tmp_path / "app.py").resolve()
    assert find_app(str(tmp_path / "other")) is None
