"""What a task's properties say of how a deployment goes about the difference."""

from __future__ import annotations

from dataclasses import dataclass

from thing_registration import limits
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration_worker.fleet.run_size import most_retired


@dataclass(frozen=True)
class Settings:
    """The properties that a plan needs.

    Attributes:
        things_per_second: the rate that a deployment assumes.
        timeout: how many seconds a deployment may take; 0 where it is not known.
        prerequisites: CREATE, VERIFY or ASSUME.
        deregister: NEVER, REMOVED_LINES or ALL.
        claim_existing: whether devices that were found count as made.
        max_deregistered: how many devices may be retired at once; empty for the larger of 10 and
            10 % of those that are registered.
    """

    things_per_second: float = limits.THINGS_PER_SECOND
    timeout: int = 0
    prerequisites: str = "VERIFY"
    deregister: str = "NEVER"
    claim_existing: bool = False
    max_deregistered: str = ""

    @classmethod
    def of(cls, task: StackTask) -> Settings:
        """Read the properties of a task; those that an older version does not have may be missing.

        Raises:
            CommandError: one of them refers to what is not known.
        """
        return cls(
            float(task.text("ThingsPerSecond", "10")),
            int(task.text("TimeoutSeconds", "0")),
            task.text("PrerequisiteMode", "ASSUME"),
            task.text("Deregister", "NEVER").upper(),
            task.text("ClaimExisting", "false") == "true",
            task.text("MaxDeregistered"),
        )

    def most_retired(self, registered: int) -> int:
        """Return how many devices an update may retire, of so many that are registered."""
        if self.max_deregistered:
            return int(self.max_deregistered)
        return most_retired(registered)
