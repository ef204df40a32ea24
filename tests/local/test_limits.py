"""Calls per second, and pages."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.paging import paginate
from local.iot.requests import Page
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


def test_pages_follow_one_another() -> None:
    items = list(range(7))
    pages, token = [], None
    while True:
        found, next_token = paginate(items, Page(3, token))
        pages.append(found)
        if not next_token:
            break
        token = str(next_token["nextToken"])

    assert pages == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_token_of_somebody_else_is_refused() -> None:
    for token in ("abc", "b2Zmc2V0", "!!"):
        with pytest.raises(ServiceError, match="nextToken"):
            paginate([1], Page(1, token))
