"""The limit on calls per second."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from local.iot.errors import ServiceError

CALLS_PER_SECOND = 10  # of each of the five task APIs, and of RegisterThing


class Throttle:
    """A token bucket per key: `rate` calls per second, `rate` of them at once."""

    def __init__(self, rate: float, clock: Callable[[], float] | None = None) -> None:
        self._rate = rate
        # Looked up at each call: in a simulation, time is virtual.
        self._clock = clock or (lambda: time.monotonic())
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def clear(self) -> None:
        """Fill all buckets."""
        self._buckets.clear()

    def take(self, key: Hashable) -> None:
        """Count one call of a key.

        Raises:
            ServiceError: `ThrottlingException`, the bucket is empty.
        Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
        """
        now = self._clock()
        tokens, then = self._buckets.get(key, (self._rate, now))
        tokens = min(self._rate, tokens + (now - then) * self._rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise ServiceError("ThrottlingException", "Rate exceeded")
        self._buckets[key] = (tokens - 1, now)
