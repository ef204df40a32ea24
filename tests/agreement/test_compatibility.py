"""What pyproject.toml declares is what `make compat` was run with."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text()
DECLARED = re.findall(r'"([a-z0-9-]+)>=([\d.]+)(?:,<\d+)?"', PROJECT.partition("[project]")[2])


@pytest.mark.parametrize(("package", "least"), DECLARED)
def test_the_least_version_that_is_declared_is_the_one_that_was_tested(
    package: str, least: str
) -> None:
    assert f"| {package} | {least} |" in (ROOT / "docs" / "compatibility.md").read_text()


def test_every_dependency_says_its_least_version() -> None:
    assert {"aws-cdk-lib", "constructs", "cryptography", "msgspec", "boto3", "rich", "typer"} == {
        package for package, _ in DECLARED
    }
