"""The keys of our objects in the bucket, all below the resource's prefix."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ObjectKeys:
    """The keys below one prefix, which ends in a slash."""

    prefix: str

    @property
    def head(self) -> str:
        """The one object that is overwritten: who may act, and which state counts."""
        return f"{self.prefix}head.json"

    @property
    def states(self) -> str:
        """The prefix of the fleet's state: bases, and the changes since."""
        return f"{self.prefix}states/"

    @property
    def inputs(self) -> str:
        """The prefix of what tasks of ours read: no other task reads below it."""
        return f"{self.prefix}input/"

    @property
    def runs(self) -> str:
        """The prefix of the reports and summaries of every run."""
        return f"{self.prefix}runs/"

    @property
    def written(self) -> tuple[str, ...]:
        """The prefixes of all that this library writes but the head."""
        return (self.inputs, self.runs, self.states)

    def state(self, name: str, kind: Literal["sqlite", "changes"]) -> str:
        """Return the key of a base or of changes."""
        return f"{self.states}{name}.{kind}"

    def file(self, request_id: str) -> str:
        """Return the key of a run's own copy of the user's input file."""
        return f"{self.inputs}{request_id}/file.jsonl"

    def input(self, request_id: str, name: str = "") -> str:
        """Return the key of the file that a task reads; without a name, the prefix of them all."""
        return f"{self.inputs}{request_id}/" + (f"{name}.jsonl" if name else "")

    def run(self, request_id: str) -> str:
        """Return the prefix of the reports of a run."""
        return f"{self.runs}{request_id}/"

    def report(self, request_id: str, task_id: str, kind: str, number: int) -> str:
        """Return the key of one report: `kind` is RESULTS or ERRORS, `number` counts from 0."""
        return f"{self.run(request_id)}{task_id}/{kind}-{number}.jsonl"
