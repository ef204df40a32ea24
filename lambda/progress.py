"""What one step of the workflow tells the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Progress:
    """Travels between the steps as JSON in the workflow's state; times are in epoch seconds."""

    deadline: float
    #: Until then, a call of an execution that was stopped may still start a task.
    unsettled_until: float = 0
    #: An earlier attempt to start may have reached AWS without our hearing of it.
    maybe_started: bool = False
    waiting_since: float = 0
    failing_since: float = 0
    task_id: str = ""
    started_at: float = 0
    abandoned_at: float = 0
    finishing_since: float = 0
    #: How many links of each report type are in the bucket.
    saved_reports: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Progress":
        """Read what `to_json` of the step before has written."""
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """What a step decides: which step is next, and how long to wait before it."""

    next_step: str
    progress: Progress
    wait: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what the workflow's Choice and Wait states read."""
        return {"next": self.next_step, "wait": self.wait, "progress": self.progress.to_json()}


def pace(elapsed: float) -> int:
    """Return how many seconds to wait before looking again: 2 s, growing to 30 s.

    Waits grow because an execution's history ends at 25,000 events and Describe is limited to 10
    calls a second for the whole account; a one-hour task is looked at fewer than 200 times.
    """
    return max(2, min(30, round(elapsed / 25)))
