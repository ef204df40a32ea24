"""What a run has come to, between the calls of its steps."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Run:
    """One request's run. Times are in epoch seconds, 0 for never; counts are of devices.

    What is counted of lines and tasks is in the state: see `run.counts`.
    """

    #: Whether the state was taken along from another bucket or prefix.
    has_moved: bool = False
    #: Since when the slot is waited for, AWS refuses the start, the task is being ended.
    waiting_since: float = 0
    failing_since: float = 0
    finishing_since: float = 0
    #: When a running task was last seen to take the slot.
    slot_taken_at: float = 0
    #: From when on the registry shows what tasks did that the state has not read; 0: not asked yet.
    settled_at: float = 0
    #: How many parts are to be sent; the one that is being sent, from 0; which of its files.
    parts: int = 0
    part: int = 0
    file: str = ""
    #: Makes the names of the part's files unlike those of any other decision about it.
    decision: str = ""
    #: Whether a file `known` follows the file `new` of the part.
    has_known: bool = False
    #: The task of that file; empty before its start.
    task_id: str = ""
    started_at: float = 0
    #: Whether the task was judged: what happens after that does not change success or failure.
    judged: bool = False
    #: How many of the names that the devices refer to are seen to.
    provided: int = 0
    #: How many pages of certificates were listed for the part, where the next one begins, and
    #: whether no more are needed.
    pages: int = 0
    marker: str = ""
    listed: bool = False
    #: Where the search for certificates that no report names goes on.
    search_marker: str = ""
    #: How many lines the file has, are unchanged, and could not be read.
    lines: int = 0
    unchanged: int = 0
    unread: int = 0
    #: How many devices that the file does not have are registered.
    removed: int = 0
    #: How many devices are to be deregistered, how many of them are done, and what became of them.
    to_deregister: int = 0
    deregistered: int = 0
    retired: int = 0
    not_deregistered: int = 0
    #: Whether a deletion has deregistered what was to be, and has begun to delete what we wrote.
    has_deregistered: bool = False
    is_emptying: bool = False
    #: The first devices that failed, and why.
    failures: tuple[str, ...] = ()

    def undecided(self) -> "Run":
        """Return the run before the first decision about the lines of its part."""
        return replace(
            self, file="", decision="", has_known=False, pages=0, marker="", listed=False
        )

    def next_part(self) -> "Run":
        """Return the run before its next part."""
        return replace(self.undecided(), part=self.part + 1).next_task()

    def next_task(self, file: str = "") -> "Run":
        """Return the run before another task: nothing of the one before is left."""
        return replace(
            self,
            file=file,
            task_id="",
            started_at=0,
            judged=False,
            waiting_since=0,
            failing_since=0,
            finishing_since=0,
        )

    def with_failure(self, failure: str) -> "Run":
        """Return the run with one more failure, if it is among the first."""
        return replace(self, failures=(*self.failures, failure)[:SHOWN_FAILURES])


#: How many failures are shown.
SHOWN_FAILURES = 5
