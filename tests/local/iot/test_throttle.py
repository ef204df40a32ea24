"""The limit on calls per second."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.throttle import Throttle


def test_the_eleventh_call_of_a_second_is_throttled() -> None:
    now = 0.0
    throttle = Throttle(clock=lambda: now)
    for _ in range(10):
        throttle.take("Start", 10)

    with pytest.raises(ServiceError, match="Rate exceeded"):
        throttle.take("Start", 10)
    throttle.take("Describe", 10)
    now = 0.1
    throttle.take("Start", 10)


def test_a_rate_below_one_lets_a_call_pass_now_and_then() -> None:
    now = 0.0
    throttle = Throttle(clock=lambda: now)

    throttle.take("Start", 0.5)
    now = 1.9
    with pytest.raises(ServiceError, match="Rate exceeded"):
        throttle.take("Start", 0.5)
    now = 2.0
    throttle.take("Start", 0.5)
