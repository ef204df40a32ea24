"""Which of the faults that a test asked for strikes now."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping

from local.faults.document import CallFault, FaultDocument, LambdaFault, LineFault, TaskFault


class Faults:
    """The faults in force, and what is left of their counters."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.put(FaultDocument())

    def put(self, document: FaultDocument) -> None:
        """Replace all faults."""
        self.document = document
        self._since = self._clock()
        self._random = random.Random(document.seed)
        self._used: dict[tuple[str, int], int] = {}

    def call(self, service: str, api: str) -> CallFault | None:
        """Return the fault that strikes a call, or None."""
        for index, fault in enumerate(self.document.calls):
            if fault.service != service or fault.api not in ("*", api):
                continue
            if fault.next and self._take("calls", index, fault.next):
                return fault
            if fault.rate and self._random.random() < fault.rate:
                return fault
        return None

    def line(self, number: int, content: bytes) -> LineFault | None:
        """Return the fault that strikes an input line, or None."""
        for index, fault in enumerate(self.document.lines):
            text = content.decode(errors="replace")
            by_number = fault.line is not None and fault.line == number
            by_pattern = fault.pattern is not None and re.search(fault.pattern, text)
            if (by_number or by_pattern) and self._take("lines", index, fault.times):
                return fault
        return None

    def task(self) -> TaskFault:
        """Return how the task that starts now shall end."""
        fault = self.document.task
        if fault.ends != "Completed" and self._take("task", 0, fault.next):
            return fault
        return TaskFault()

    def invocation(self, function: str, event: object) -> LambdaFault | None:
        """Return the fault that strikes an invocation of a Lambda, or None."""
        for index, fault in enumerate(self.document.lambdas):
            if (
                re.search(fault.function, function)
                and contains(event, fault.payload)
                and self._take("lambdas", index, fault.next)
            ):
                return fault
        return None

    def answer_status(self) -> int | None:
        """Return the HTTP status with which a PUT to a ResponseURL fails, or None."""
        fault = self.document.answers
        return fault.status if self._take("answers", 0, fault.next) else None

    def duplicate_event(self) -> bool:
        """Return whether this custom-resource event is delivered twice."""
        return self._take("duplicate_events", 0, self.document.duplicate_events)

    def reports_are_late(self, ended: float) -> bool:
        """Return whether the reports of a task that ended (epoch seconds) are not there yet."""
        late = time.time() - ended < self.document.reports.late_seconds
        return late or self._take("reports", 0, self.document.reports.empty_first)

    def role_is_unusable(self, at: str) -> bool:
        """Return whether roles cannot be assumed yet."""
        fault = self.document.role
        return fault.at == at and self._within(fault.seconds)

    def _within(self, seconds: float) -> bool:
        return self._clock() - self._since < seconds

    def _take(self, kind: str, index: int, limit: int | None) -> bool:
        used = self._used.get((kind, index), 0)
        if limit is not None and used >= limit:
            return False
        self._used[kind, index] = used + 1
        return True


def contains(value: object, wanted: object) -> bool:
    """Return whether `wanted` is found in a value, at any depth: an object by its members."""
    if not wanted and isinstance(wanted, Mapping):
        return True
    if _matches(value, wanted):
        return True
    if isinstance(value, Mapping):
        return any(contains(item, wanted) for item in value.values())
    if isinstance(value, list):
        return any(contains(item, wanted) for item in value)
    return False


def _matches(value: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, Mapping) and all(
            name in value and _matches(value[name], item) for name, item in wanted.items()
        )
    return value == wanted
