"""Faults that a test asks for, as a JSON document. docs/local-aws.md has examples."""

from __future__ import annotations

from collections.abc import Mapping
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
    """All faults; the default is none. docs/local-aws.md has the JSON."""

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
    """Return the faults of a JSON document.

    Raises:
        ValueError: it contains an unknown fault or member.
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
