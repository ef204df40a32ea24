"""Run the tests of one mutant: in a fork that has the libraries, but nothing of ours, imported.

The mutant is only in the fork's memory: no file is changed.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

from tools.cdk import ROOT

# Only whether a test fails counts, so pytest explains nothing and loads no plugins but xdist's, of
# which tests/conftest.py has a hook.
QUIET = ("-x", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-p", "xdist.plugin")
OPTIONS = (*QUIET, "-m", "not slow")


def preload(modules: list[str]) -> None:
    """Import what every mutant's tests need; read the service models of AWS once."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in modules:
        module: Any = importlib.import_module(name)
        if name == "boto3":
            for service in ("iot", "s3", "cloudformation", "stepfunctions"):
                module.client(service, "us-east-1")
    gc.freeze()


def passes(path: str, source: str | None, tests: list[str], limit: int) -> tuple[bool, float]:
    """Return whether all tests pass with this source, within so many seconds; and the time."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.alarm(limit)
        os._exit(_run(path, source, tests))
    _, status = os.waitpid(child, 0)
    return status == 0, time.monotonic() - began


def _run(path: str, source: str | None, tests: list[str]) -> int:
    if "VERBOSE" not in os.environ:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
    if source is not None:
        _replace(ROOT / path, source)
    return int(pytest.main([*OPTIONS, *tests], plugins=[_OwnTestsFirst(Path(path).stem)]))


def _replace(path: Path, source: str) -> None:
    """Let the import of a file find this source."""
    original = SourceFileLoader.get_code

    def get_code(loader: Any, fullname: str) -> Any:
        if Path(loader.path).resolve() == path:
            return compile(source, str(path), "exec")
        return original(loader, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]


class _OwnTestsFirst:
    """Orders the tests so that most mutants are found out by the first few."""

    def __init__(self, stem: str) -> None:
        self._own = f"test_{stem}"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests of the mutated file before the others."""
        items.sort(key=lambda item: item.path.stem != self._own)
