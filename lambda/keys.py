"""The keys of our objects in the bucket, all below the resource's prefix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys below one prefix, which ends in a slash."""

    prefix: str

    def input(self, request_id: str) -> str:
        """Return the key of the file that the request's task reads."""
        return f"{self.inputs}{request_id}.jsonl"

    @property
    def all_reports(self) -> str:
        """The prefix of the reports of every task."""
        return f"{self.prefix}reports/"

    def reports(self, task_id: str) -> str:
        """Return the prefix of the reports of a task."""
        return f"{self.all_reports}{task_id}/"

    def report(self, task_id: str, kind: str, number: int) -> str:
        """Return the key of one report: `kind` is RESULTS or ERRORS, `number` counts from 0."""
        return f"{self.reports(task_id)}{kind}-{number}.jsonl"

    @property
    def inputs(self) -> str:
        """The prefix of what tasks of ours read: no other task reads below it."""
        return f"{self.prefix}input/"

    @property
    def claim(self) -> str:
        """The key of the record of the request that may act."""
        return f"{self.prefix}claim.json"

    @property
    def last_task(self) -> str:
        """The key of the record of the last task that ran for the resource."""
        return f"{self.prefix}last-task.json"

    @property
    def written(self) -> tuple[str, ...]:
        """All that this library writes but the claim: prefixes end in a slash, others are keys."""
        return (self.inputs, self.all_reports, self.last_task)
