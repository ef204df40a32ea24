"""The keys of our objects in the bucket, all below the resource's prefix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys below one prefix, which ends in a slash."""

    prefix: str

    def input(self, request_id: str) -> str:
        """Return the key of the file that the request's task reads."""
        return f"{self.prefix}input/{request_id}.jsonl"

    def reports(self, task_id: str) -> str:
        """Return the prefix of the reports of a task."""
        return f"{self.prefix}reports/{task_id}/"

    def report(self, task_id: str, kind: str, number: int) -> str:
        """Return the key of one report: `kind` is RESULTS or ERRORS, `number` counts from 0."""
        return f"{self.reports(task_id)}{kind}-{number}.jsonl"

    @property
    def last_task(self) -> str:
        """The key of the record of the last task that ran for the resource."""
        return f"{self.prefix}last-task.json"
