"""What AWS may do because no document excludes it; a fault that never struck fails its row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.aws import Aws
from tests.simulation.strikes import struck
from tests.simulation.table import STRUCK


@pytest.fixture(autouse=True)
def each_fault_struck(aws: Aws, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a row whose fault never struck: it has tested nothing."""
    yield
    strikes = struck(aws)
    times = ", ".join(f"{name} struck {count} times" for name, count in strikes.items())
    request.node.user_properties.append((STRUCK, times))
    assert strikes, "the row asked for no fault"
    assert all(strikes.values()), f"a fault never struck: {strikes}"
