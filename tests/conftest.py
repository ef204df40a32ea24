"""How the tests are shared out between processes."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROWS = ("tests/simulation/", "tests/faults/")


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Keeps the tests of a file together, because many share what is slow to make.

    The rows of the fault matrix share nothing: each may run anywhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(ROWS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Return what decides which process runs a test."""
    return ByFile(config, log)
