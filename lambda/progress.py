"""What one step of the workflow passes on to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Progress:
    """Travels between the steps as JSON in the workflow's state; times are in epoch seconds."""

    deadline: float
    #: When the request's event came.
    received_at: float = 0
    waiting_since: float = 0
    failing_since: float = 0
    denied_since: float = 0
    #: When a running task was last seen to take the slot.
    slot_taken_at: float = 0
    #: How many lines the task's input has.
    lines: int = 0
    task_id: str = ""
    started_at: float = 0
    abandoned_at: float = 0
    #: Whether a deletion has begun to delete what we wrote, the claim with it.
    emptying: bool = False
    finishing_since: float = 0
    #: Whether the task was judged: what happens after that does not change success or failure.
    judged: bool = False
    #: How many links of each report type are saved in the bucket, and how many lines they have.
    saved_reports: Mapping[str, int] = field(default_factory=dict)
    saved_lines: Mapping[str, int] = field(default_factory=dict)
    #: The smallest and the largest line number in the saved reports; -1 for none.
    first_number: int = -1
    last_number: int = -1
    failure: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Progress":
        """Read what `to_json` of the step before has written, perhaps in an older version."""
        known = {member.name for member in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return asdict(self)
