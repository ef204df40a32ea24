"""A local AWS on which questions are asked, and what may be left on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import LocalAws
from tools.cdk import Cdk


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS that registers 40 things per second."""
    with LocalAws(things_per_second=40) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment().items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def bootstrapped(aws: LocalAws) -> LocalAws:
    """The local AWS after `cdk bootstrap`."""
    cdk = Cdk(aws.environment())
    with tempfile.TemporaryDirectory() as empty:
        cdk.begin("bootstrap", f"aws://{aws.account}/{aws.region}", cwd=Path(empty)).finish()
    return aws
