"""Faults that a test asks for: what they are, and which of them strikes now.

A document that is PUT replaces all faults before it; counters (`next`, `seconds`) start afresh.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class CallFault:
    """Calls of an API fail: the next `next` of them, or each with the probability `rate`."""

    code: str = "ThrottlingException"
    service: str = "iot"
    api: str = "*"
    message: str = "Rate exceeded"
    status: int | None = None
    rate: float = 0.0
    next: int = 0


@dataclass(frozen=True)
class LineFault:
    """Lines of the input fail: by number, or by a pattern found in the line."""

    line: int | None = None
    pattern: str | None = None
    message: str = "An internal failure occurred"
    code: str = "ResourceRegistrationFailureException"
    times: int | None = None


@dataclass(frozen=True)
class RoleFault:
    """Roles cannot be assumed for some seconds: noticed at `start` or by the `task`."""

    seconds: float = 0.0
    at: str = "start"


@dataclass(frozen=True)
class TaskFault:
    """How tasks end: `Completed` in the normal way, `Failed`, `Cancelled` (by someone), `hangs`."""

    ends: str = "Completed"
    message: str | None = None
    after_lines: int = 0
    next: int | None = None


@dataclass(frozen=True)
class ReportFault:
    """How reports are handed out."""

    empty_first: int = 0
    late_seconds: float = 0.0
    link_seconds: int = 3600
    lines_per_link: int = 10_000
    errors_format: str = "flat"


@dataclass(frozen=True)
class LambdaFault:
    """Invocations of a Lambda go wrong: `what` is one of `dies_before`, `dies_after`,
    `times_out`, `out_of_memory`; `payload` must be found in the event."""

    what: str
    function: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    next: int = 1


@dataclass(frozen=True)
class AnswerFault:
    """PUTs to a custom resource's ResponseURL fail with an HTTP status."""

    next: int = 0
    status: int = 503


@dataclass(frozen=True)
class FaultDocument:
    """All faults; the default is none. See README.md for the JSON."""

    seed: int = 0
    calls: tuple[CallFault, ...] = ()
    lines: tuple[LineFault, ...] = ()
    role: RoleFault = RoleFault()
    task: TaskFault = TaskFault()
    reports: ReportFault = ReportFault()
    lambdas: tuple[LambdaFault, ...] = ()
    answers: AnswerFault = AnswerFault()
    foreign_task_seconds: float = 0.0
    cancelling_seconds: float = 0.0
    duplicate_events: int = 0
    busy_code: str = "LimitExceededException"
    long_answer: str = "fails"
    throttling: bool = True
    page_size: int | None = None
    things_per_second: float | None = None


_LISTS: dict[str, type] = {"calls": CallFault, "lines": LineFault, "lambdas": LambdaFault}
_OBJECTS: dict[str, type] = {
    "role": RoleFault,
    "task": TaskFault,
    "reports": ReportFault,
    "answers": AnswerFault,
}


def parse_faults(document: Mapping[str, Any]) -> FaultDocument:
    """The faults of a JSON document.

    Raises:
        ValueError: it names a fault, or a member of one, that does not exist.
    """
    values: dict[str, Any] = {}
    known = {item.name for item in fields(FaultDocument)}
    for name, value in document.items():
        if name not in known:
            raise ValueError(f"unknown fault {name}, allowed: {', '.join(sorted(known))}")
        if name in _LISTS:
            values[name] = tuple(_build(_LISTS[name], name, item) for item in value)
        elif name in _OBJECTS:
            values[name] = _build(_OBJECTS[name], name, value)
        else:
            values[name] = value
    return FaultDocument(**values)


def _build(kind: type, name: str, document: Any) -> Any:
    try:
        return kind(**document)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None


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
        """The fault that a call runs into."""
        for index, fault in enumerate(self.document.calls):
            if fault.service != service or fault.api not in ("*", api):
                continue
            if fault.next and self._take("calls", index, fault.next):
                return fault
            if fault.rate and self._random.random() < fault.rate:
                return fault
        return None

    def line(self, number: int, content: bytes) -> LineFault | None:
        """The fault that an input line runs into."""
        for index, fault in enumerate(self.document.lines):
            text = content.decode(errors="replace")
            by_number = fault.line is not None and fault.line == number
            by_pattern = fault.pattern is not None and re.search(fault.pattern, text)
            if (by_number or by_pattern) and self._take("lines", index, fault.times):
                return fault
        return None

    def task(self) -> TaskFault:
        """How the task that starts now will end."""
        fault = self.document.task
        if fault.ends != "Completed" and self._take("task", 0, fault.next):
            return fault
        return TaskFault()

    def invocation(self, function: str, event: object) -> LambdaFault | None:
        """The fault that an invocation of a Lambda runs into."""
        for index, fault in enumerate(self.document.lambdas):
            if (
                re.search(fault.function, function)
                and contains(event, fault.payload)
                and self._take("lambdas", index, fault.next)
            ):
                return fault
        return None

    def answer_status(self) -> int | None:
        """The HTTP status with which this PUT to a ResponseURL fails."""
        fault = self.document.answers
        return fault.status if self._take("answers", 0, fault.next) else None

    def duplicate_event(self) -> bool:
        """Whether this custom-resource event is delivered twice."""
        return self._take("duplicate_events", 0, self.document.duplicate_events)

    def reports_are_late(self, ended: float) -> bool:
        """Whether the reports of a task that ended (epoch seconds) are not there yet."""
        late = time.time() - ended < self.document.reports.late_seconds
        return late or self._take("reports", 0, self.document.reports.empty_first)

    def role_is_unusable(self, at: str) -> bool:
        """Whether roles cannot be assumed yet."""
        fault = self.document.role
        return fault.at == at and self._within(fault.seconds)

    def foreign_task_runs(self) -> bool:
        """Whether somebody else's task holds the slot."""
        return self._within(self.document.foreign_task_seconds)

    def _within(self, seconds: float) -> bool:
        return self._clock() - self._since < seconds

    def _take(self, kind: str, index: int, limit: int | None) -> bool:
        used = self._used.get((kind, index), 0)
        if limit is not None and used >= limit:
            return False
        self._used[kind, index] = used + 1
        return True


def contains(value: object, wanted: object) -> bool:
    """Whether `wanted` is found in a value, at any depth: an object by its members."""
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
