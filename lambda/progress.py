"""What one step of the workflow passes on to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Progress:
    """Travels between the steps as JSON in the workflow's state; times are in epoch seconds."""

    deadline: float
    #: Until then, a call of an execution that was stopped may still start a task.
    unsettled_until: float = 0
    #: An earlier attempt to start may have reached AWS although its answer was lost.
    maybe_started: bool = False
    waiting_since: float = 0
    failing_since: float = 0
    task_id: str = ""
    started_at: float = 0
    abandoned_at: float = 0
    finishing_since: float = 0
    #: How many links of each report type are saved in the bucket.
    saved_reports: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Progress":
        """Read what `to_json` of the step before has written."""
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return asdict(self)
