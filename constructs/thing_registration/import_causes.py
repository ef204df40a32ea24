"""Why an import fails: what is missing, too old or shadowed, and what to do about it."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# The versions that pyproject.toml declares, where an older one fails in a way that says nothing.
LEAST_CDK = (2, 230, 0)
# What the extra `cli` brings, with what that brings.
_CLI = ("typer", "click", "rich", "boto3", "botocore")


def cause_without_cdk() -> str | None:
    """Return why the construct cannot be imported; None if it is nothing that is known here."""
    found = sys.modules.get("constructs")
    file = getattr(found, "__file__", None)
    if file is not None and not hasattr(found, "Construct"):
        path = Path(file)
        what = f"the folder {path.parent}" if path.stem == "__init__" else f"the file {path}"
        return f"{what} shadows the package constructs, which aws_cdk imports: rename it"
    least = ".".join(map(str, LEAST_CDK))
    install = f"pip install 'aws-cdk-lib>={least},<3'"
    try:
        installed = version("aws-cdk-lib")
    except PackageNotFoundError:
        return f"aws-cdk-lib is not installed: {install}"
    if tuple(map(int, re.findall(r"\d+", installed)[:3])) < LEAST_CDK:
        return f"aws-cdk-lib must be at least {least}, got {installed}: {install}"
    try:
        version("constructs")
    except PackageNotFoundError:
        return f"the package constructs is not installed: {install}"
    return None


def cause_without_extra(error: ModuleNotFoundError) -> str | None:
    """Return which extra has a module that is missing; None if it is of no extra."""
    if (error.name or "").partition(".")[0] not in _CLI:
        return None
    return f"{error.name} is not installed: pip install 'thing-registration[cli]'"
