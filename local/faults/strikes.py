"""Which of the faults that a test asked for strikes now, and how often each has struck."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields

from local.faults.document import (
    LISTS,
    SETTINGS,
    CallFault,
    FaultDocument,
    LambdaFault,
    LineFault,
    RefusalFault,
    TaskFault,
)
from local.faults.matching import contains


class Faults:
    """The faults in force, what is left of their counters, and how often each has struck."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        # Looked up at each call: in a simulation, time is virtual.
        self._clock = clock or (lambda: time.monotonic())
        self._lock = threading.Lock()
        self.put(FaultDocument())

    def put(self, document: FaultDocument) -> None:
        """Replace all faults."""
        with self._lock:
            self.document = document
            self._since = self._clock()
            self._random = random.Random(document.seed)
            self._struck: Counter[str] = Counter()
            self._listings: Counter[tuple[str, str]] = Counter()

    def struck(self) -> dict[str, int]:
        """Return how often each fault of the document has struck, 0 for the ones that have not."""
        return {name: self._struck[name] for name in _names(self.document)}

    def strike(self, name: str) -> None:
        """Record that a fault without a counter of its own has struck."""
        with self._lock:
            self._struck[name] += 1

    def call(self, service: str, api: str) -> CallFault | None:
        """Return the fault that strikes a call, or None."""
        for index, fault in enumerate(self.document.calls):
            if fault.service != service or fault.api not in ("*", api):
                continue
            if fault.seconds is not None and not self._within(fault.seconds):
                continue
            if fault.rate and self._random.random() >= fault.rate:
                continue
            if self._take(f"calls[{index}]", fault.next or None):
                return fault
        return None

    def download(self, bucket: str, key: str) -> int | None:
        """Return after how many bytes a download breaks off, or None."""
        fault = self.document.downloads
        struck = re.search(fault.object, f"{bucket}/{key}") and self._take("downloads", fault.next)
        return fault.cut_after_bytes if struck else None

    def line(self, number: int, content: bytes, stage: str) -> LineFault | None:
        """Return the fault that strikes an input line at a stage of its registration, or None."""
        for index, fault in enumerate(self.document.lines):
            if fault.after != stage:
                continue
            text = content.decode(errors="replace")
            by_number = fault.line is not None and fault.line == number
            by_pattern = fault.pattern is not None and re.search(fault.pattern, text)
            if (by_number or by_pattern) and self._take(f"lines[{index}]", fault.times):
                return fault
        return None

    def task(self) -> TaskFault:
        """Return how the task that starts now shall end."""
        fault = self.document.task
        changes = fault.ends != "Completed" or (fault.success_count, fault.failure_count) != (
            None,
            None,
        )
        return fault if changes and self._take("task", fault.next) else TaskFault()

    def invocation(self, function: str, event: object) -> LambdaFault | None:
        """Return the fault that strikes an invocation of a Lambda, or None."""
        for index, fault in enumerate(self.document.lambdas):
            if (
                re.search(fault.function, function)
                and contains(event, fault.payload)
                and self._take(f"lambdas[{index}]", fault.next)
            ):
                return fault
        return None

    def refusal(self, function: str, event: object) -> RefusalFault | None:
        """Return the fault with which Lambda refuses to invoke a function, or None."""
        fault = self.document.lambda_refuses
        if not re.search(fault.function, function) or not contains(event, fault.payload):
            return None
        if self._within(fault.seconds):
            self.strike("lambda_refuses")
            return fault
        return fault if fault.next and self._take("lambda_refuses", fault.next) else None

    def answer_status(self) -> int | None:
        """Return the HTTP status with which a PUT to a ResponseURL fails, or None."""
        fault = self.document.answers
        return fault.status if self._take("answers", fault.next) else None

    def event_delays(self, event: object) -> list[float]:
        """Return after how many seconds a custom-resource event is delivered, each time."""
        late = self._event_delay(event)
        if not self._take("duplicate_events", self.document.duplicate_events):
            return [late]
        later = self.document.late_duplicate_seconds
        if later:
            self.strike("late_duplicate_seconds")
        return [late, late + later]

    def _event_delay(self, event: object) -> float:
        fault, late = self.document.late_events, self.document.late_event_seconds
        struck = fault.seconds and contains(event, fault.payload)
        if struck and self._take("late_events", fault.next):
            return fault.seconds
        if late:
            self.strike("late_event_seconds")
        return late

    def count_listing(self, task_id: str, kind: str) -> None:
        """Record that a report's links are listed from the first page on."""
        self._listings[task_id, kind] += 1

    def listed_links(self, task_id: str, kind: str, total: int, ended: float) -> int:
        """Return how many of a report's links are listed now; `ended` in epoch seconds."""
        fault, since_end = self.document.reports, time.time() - ended
        limits = {"late_seconds": total if since_end >= fault.late_seconds else 0}
        if fault.links_each_seconds:
            limits["links_each_seconds"] = int(since_end / fault.links_each_seconds)
        if fault.links_per_listing:
            limits["links_per_listing"] = self._listings[task_id, kind] * fault.links_per_listing
        for name, limit in limits.items():
            if limit < total:
                self.strike(f"reports.{name}")
        listed = min(total, *limits.values())
        empty = listed > 0 and self._take("reports.empty_first", fault.empty_first)
        return 0 if empty else listed

    def role_is_unusable(self, at: str) -> bool:
        """Return whether roles cannot be assumed yet."""
        fault = self.document.role
        unusable = fault.at == at and self._within(fault.seconds)
        if unusable:
            self.strike("role")
        return unusable

    def slot_is_freed_late(self, ended: float | None) -> bool:
        """Return whether the slot of a task that ended (epoch seconds) is still taken."""
        late = ended is not None and time.time() - ended < self.document.slot_freed_late_seconds
        if late:
            self.strike("slot_freed_late_seconds")
        return late

    def _within(self, seconds: float) -> bool:
        return self._clock() - self._since < seconds

    def _take(self, name: str, limit: int | None) -> bool:
        with self._lock:
            if limit is not None and self._struck[name] >= limit:
                return False
            self._struck[name] += 1
            return True


def _names(document: FaultDocument) -> list[str]:
    """Return the names of the faults that a document asks for."""
    names = []
    default = FaultDocument()
    for item in fields(FaultDocument):
        value, usual = getattr(document, item.name), getattr(default, item.name)
        if item.name in LISTS:
            names += [f"{item.name}[{index}]" for index in range(len(value))]
        elif item.name == "reports":
            names += [
                f"reports.{part.name}"
                for part in fields(value)
                if getattr(value, part.name) != getattr(usual, part.name)
                and part.name not in SETTINGS
            ]
        elif value != usual and item.name not in SETTINGS:
            names.append(item.name)
    return names
