"""Pages of a list."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.paging import paginate
from local.iot.requests import Page


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
