"""The limit on calls per second."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from local.iot.errors import ServiceError

CALLS_PER_SECOND = 10  # of each of the five task APIs, and of RegisterThing


class Throttle:
    """A token bucket per key: `rate` calls per second, as many of them at once, at least one."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        # Looked up at each call: in a simulation, time is virtual.
        self._clock = clock or (lambda: time.monotonic())
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def clear(self) -> None:
        """Fill all buckets."""
        self._buckets.clear()

    def take(self, key: Hashable, rate: float) -> None:
        """Count one call of a key that allows `rate` of them per second.

        Raises:
            ServiceError: `ThrottlingException`, the bucket is empty.
        Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
        """
        now = self._clock()
        most = max(1.0, rate)
        tokens, then = self._buckets.get(key, (most, now))
        tokens = min(most, tokens + (now - then) * rate)
        if tokens < 1:
            self._buckets[key] = (tokens, now)
            raise ServiceError("ThrottlingException", "Rate exceeded")
        self._buckets[key] = (tokens - 1, now)
