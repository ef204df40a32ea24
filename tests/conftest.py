"""How the tests are shared out between processes."""

from __future__ import annotations

import pytest

ROWS = "tests/faults/"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of a file together, because many share what is slow to make.

    The rows of the fault matrix share nothing: each may run anywhere.
    """
    if not item.nodeid.startswith(ROWS):
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
