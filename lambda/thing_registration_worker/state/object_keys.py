"""The keys of our objects in the bucket, all below the resource's prefix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """The keys below one prefix, which ends in a slash."""

    prefix: str

    @property
    def claim(self) -> str:
        """The record of the request that may act."""
        return f"{self.prefix}claim.json"

    @property
    def unclear(self) -> str:
        """The record of tasks that may have made certificates that no report names."""
        return f"{self.prefix}unclear.json"

    @property
    def last_run(self) -> str:
        """The record of the last run of the resource."""
        return f"{self.prefix}last-run.json"

    @property
    def inputs(self) -> str:
        """The prefix of what tasks of ours read: no other task reads below it."""
        return f"{self.prefix}input/"

    @property
    def runs(self) -> str:
        """The prefix of the reports and summaries of every run."""
        return f"{self.prefix}runs/"

    @property
    def inventory(self) -> str:
        """The prefix of what AWS has accepted."""
        return f"{self.prefix}inventory/"

    @property
    def written(self) -> tuple[str, ...]:
        """All that this library writes but the claim: prefixes end in a slash, others are keys."""
        folders = (self.inputs, f"{self.prefix}work/", self.runs, self.inventory)
        return (*folders, self.last_run, self.unclear)

    def input(self, request_id: str, name: str = "") -> str:
        """Return the key of the file that a task reads; without a name, the prefix of them all."""
        return f"{self.inputs}{request_id}/" + (f"{name}.jsonl" if name else "")

    def work(self, request_id: str, name: str) -> str:
        """Return the key of what the steps of a run leave for each other."""
        return f"{self.prefix}work/{request_id}/{name}"

    def run(self, request_id: str) -> str:
        """Return the prefix of the reports of a run."""
        return f"{self.runs}{request_id}/"

    def report(self, request_id: str, task_id: str, kind: str, number: int) -> str:
        """Return the key of one report: `kind` is RESULTS or ERRORS, `number` counts from 0."""
        return f"{self.run(request_id)}{task_id}/{kind}-{number}.jsonl"

    def entries(self, run: str, number: int) -> str:
        """Return the key of one part of the inventory; keys sort in the order of writing."""
        return f"{self.inventory}{run}/{number:06}.jsonl"
