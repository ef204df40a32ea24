"""The one place where a result, or an error, goes to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def settle(future: Future[T] | asyncio.Future[T], run: Callable[[], T]) -> None:
    """Run a function and settle a future with what it returns or raises, as a pool does."""
    try:
        result: Any = run()
    except Exception as error:  # noqa: BLE001 - whoever waits gets it
        future.set_exception(error)
    else:
        future.set_result(result)
