"""What AWS may do because no document excludes it; a fault that never struck fails its row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local import LocalAws
from tests.faults.conftest import STRUCK


@pytest.fixture(autouse=True)
def each_fault_struck(aws: LocalAws, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a row whose fault never struck: it has tested nothing."""
    yield
    asked = [*(entry["struck"] for entry in aws.journal("strikes")), aws.fault_strikes()]
    struck = {name: count for strikes in asked for name, count in strikes.items()}
    times = ", ".join(f"{name} struck {count} times" for name, count in struck.items())
    request.node.user_properties.append((STRUCK, times))
    assert struck, "the row asked for no fault"
    assert all(struck.values()), f"a fault never struck: {struck}"
