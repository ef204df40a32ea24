"""The limit on calls per second."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.throttle import Throttle


def test_the_eleventh_call_of_a_second_is_throttled() -> None:
    now = 0.0
    throttle = Throttle(10, clock=lambda: now)
    for _ in range(10):
        throttle.take("Start")

    with pytest.raises(ServiceError, match="Rate exceeded"):
        throttle.take("Start")
    throttle.take("Describe")
    now = 0.1
    throttle.take("Start")
