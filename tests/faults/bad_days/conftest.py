"""What AWS may do because no document excludes it; a fault that never struck fails its row."""

from collections.abc import Iterator

import pytest

from local import LocalAws


@pytest.fixture(autouse=True)
def each_fault_struck(aws: LocalAws) -> Iterator[None]:
    """Fail a row whose fault never struck: it has tested nothing."""
    yield
    struck = aws.fault_strikes()
    assert struck, "the row asked for no fault"
    assert all(struck.values()), f"a fault never struck: {struck}"
