"""An import that fails says its true cause, and what to do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from thing_registration.import_causes import LEAST_CDK

ROOT = Path(__file__).parents[3]
IMPORT = "from thing_registration import ThingRegistrationTask"
INSTALL = "pip install 'aws-cdk-lib>=2.230.0,<3'"


def run(script: str, folder: Path) -> str:
    """The last line that a script writes in a folder where packages of the test come first."""
    first = [str(folder), str(ROOT / "constructs"), str(ROOT / "lambda")]
    paths = f"import sys; sys.path[:0] = {first}\n"
    done = subprocess.run(
        [sys.executable, "-c", paths + script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode, done.stdout
    return done.stderr.strip().splitlines()[-1]


def without(*names: str) -> str:
    """Code after which modules cannot be imported."""
    return f"sys.modules.update(dict.fromkeys({names}))\n"


def other_versions(**versions: str) -> str:
    """Code after which only these packages are installed, in these versions."""
    return (
        "import importlib.metadata as metadata\n"
        "def version(name):\n"
        f"    if name.replace('-', '_') in {versions}: return {versions}[name.replace('-', '_')]\n"
        "    raise metadata.PackageNotFoundError(name)\n"
        "metadata.version = version\n"
    )


@pytest.mark.parametrize("name", ["constructs/__init__.py", "constructs.py"])
def test_what_shadows_constructs_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    what = f"the folder {path.parent}" if path.stem == "__init__" else f"the file {path}"

    assert run(IMPORT, tmp_path) == (
        f"ImportError: {what} shadows the package constructs, which aws_cdk imports: rename it"
    )


def test_a_missing_or_old_cdk_is_named_with_what_to_install(tmp_path: Path) -> None:
    missing = run(other_versions() + without("aws_cdk") + IMPORT, tmp_path)
    (tmp_path / "aws_cdk").mkdir()
    (tmp_path / "aws_cdk" / "__init__.py").write_text("")
    old = run(other_versions(aws_cdk_lib="2.99.1", constructs="10.0.0") + IMPORT, tmp_path)

    assert missing == f"ImportError: aws-cdk-lib is not installed: {INSTALL}"
    assert old == f"ImportError: aws-cdk-lib must be at least 2.230.0, got 2.99.1: {INSTALL}"


def test_another_cause_is_pythons_own(tmp_path: Path) -> None:
    line = run(without("thing_registration.stack.arguments") + IMPORT, tmp_path)

    assert line.startswith("ModuleNotFoundError: import of thing_registration.stack.arguments")


@pytest.mark.parametrize("module", ["typer", "rich.console"])
def test_a_command_names_the_extra_that_it_needs(tmp_path: Path, module: str) -> None:
    line = run(without(module) + "import thing_registration.cli", tmp_path)

    assert line == f"{module} is not installed: pip install 'thing-registration[cli]'"


@pytest.mark.parametrize("command", ["plan", "deregister"])
def test_a_command_without_boto3_names_the_extra_and_ends_with_1(
    tmp_path: Path, command: str
) -> None:
    script = f"sys.argv = ['thing-registration', {command!r}, '--stack', 'S']\n"
    script += "from thing_registration.cli import main; main()"

    line = run(without("boto3", "botocore", "botocore.exceptions") + script, tmp_path)

    assert re.fullmatch(
        r"error: (boto3|botocore[.\w]*) is not installed: pip install 'thing-registration\[cli\]'",
        line,
    )


def test_the_least_cdk_is_the_one_that_is_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text()

    assert f'"aws-cdk-lib>={".".join(map(str, LEAST_CDK))},<3"' in declared
