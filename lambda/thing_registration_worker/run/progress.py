"""What one step of the workflow passes on to the next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

# Steps of another version of this library may have written what this one reads, after an update
# of the worker: members that are missing have their defaults, those that are unknown are left out.
SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Run:
    """What a run has come to, over all its parts; counts are of devices."""

    #: How many parts are to be sent, and the one that is being sent, from 0.
    parts: int = 0
    part: int = 0
    #: How many of the names that the devices refer to are seen to.
    provided: int = 0
    #: Which of the part's files is sent: `new` or `known`.
    file: str = ""
    #: How many lines of the part are decided, and how many of them go into `known`.
    decided: int = 0
    known_lines: int = 0
    #: How many lines of the part are not sent: because of their certificates, or because AWS's
    #: registry has them as they are declared.
    refused: int = 0
    as_declared: int = 0
    #: How many pages of certificates were listed for the part, and where the next one begins.
    pages: int = 0
    marker: str = ""
    listed: bool = False
    #: From when on the registry shows what tasks did that are not in the inventory; 0: AWS was
    #: not asked for such tasks yet.
    settled_at: float = 0
    #: How many parts of the inventory this run has written.
    entries: int = 0
    #: How many lines the file has, and how many of them the registry is to be asked about: by
    #: thing name, by the id of a certificate that is known, and whether anything is missing.
    lines: int = 0
    to_look_up: int = 0
    to_ask: int = 0
    to_check: int = 0
    #: How many lines are new or changed: `max_failures` may be a percentage of them.
    to_send: int = 0
    unchanged: int = 0
    removed: int = 0
    #: How many lines could not be read or resolved: while there are any, no device is retired.
    unread: int = 0
    #: How many devices are to be deregistered, how many of them are done, and what became of them.
    to_deregister: int = 0
    deregistered: int = 0
    retired: int = 0
    not_deregistered: int = 0
    #: How many things were registered before, and are by now.
    registered: int = 0
    succeeded: int = 0
    failed: int = 0
    #: The first devices that failed, and why.
    failures: tuple[str, ...] = ()

    def undecided(self) -> "Run":
        """Return the run before the first decision about the lines of its part."""
        before = replace(
            self,
            failed=self.failed - self.refused,
            to_send=self.to_send + self.as_declared,
            unchanged=self.unchanged - self.as_declared,
        )
        return replace(before.next_part(), part=self.part)

    def next_part(self) -> "Run":
        """Return the run before its next part."""
        return replace(
            self,
            part=self.part + 1,
            file="",
            decided=0,
            known_lines=0,
            refused=0,
            as_declared=0,
            pages=0,
            marker="",
            listed=False,
        )


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
    #: Whether a deletion has deregistered what was to be.
    has_deregistered: bool = False
    #: Whether a deletion has begun to delete what we wrote, the claim with it.
    emptying: bool = False
    run: Run = field(default_factory=Run)
    schema_version: int = SCHEMA_VERSION

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Progress":
        """Read what `to_json` of the step before has written, perhaps in another version."""
        run = Run(**_known(Run, {**data.get("run", {})}))
        run = Run(**{**asdict(run), "failures": tuple(run.failures)})
        return cls(**{**_known(cls, data), "run": run})

    def to_json(self) -> dict[str, Any]:
        """Return this as JSON values."""
        return {**asdict(self), "run": {**asdict(self.run), "failures": list(self.run.failures)}}

    @property
    def part_name(self) -> str:
        """The name of the file that is being sent."""
        return f"{self.run.part:05}-{self.run.file}"


def _known(cls: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {member.name for member in fields(cls)}
    return {name: value for name, value in data.items() if name in names}
