"""What the next deployment of one task would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from thing_registration.planning.compared_fleet import ComparedFleet
from thing_registration.planning.registry_answers import ChangedDevice, LookedUp
from thing_registration.planning.settings import Becomes, Settings
from thing_registration.planning.shard_result import Removed
from thing_registration_worker.aws import registry
from thing_registration_worker.fleet.run_size import part_count, run_seconds


@dataclass(frozen=True)
class Plan:
    """One task's plan.

    Attributes:
        task: what the task is called, such as `ThingRegistration/Fleet`.
        stack: the name of its stack.
        is_deployed: whether there is an inventory of it: if not, everything is new.
        source: the input file.
        settings: what the task's properties say.
        fleet: the difference.
        rerun: whether the unchanged devices are compared with AWS's registry, because `rerun` has
            another text.
        changes: for some of the changed lines what differs, by line.
        looked_up: what the registry has of the devices that are not known; None if not asked.
        missing: the prerequisites that AWS does not have; None if not asked.
        unresolved: what the provisioning template refers to that is known at the deployment only.
        notes: whatever else the user should know, a sentence each.
        line_numbers: a line of the file as it was given, by its number where it is another.
    """

    task: str
    stack: str
    is_deployed: bool
    source: str
    settings: Settings
    fleet: ComparedFleet
    rerun: bool = False
    changes: Mapping[int, ChangedDevice] = field(default_factory=dict)
    looked_up: LookedUp | None = None
    missing: tuple[str, ...] | None = None
    unresolved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    line_numbers: Mapping[int, int] = field(default_factory=dict)

    @property
    def to_send(self) -> int:
        """How many lines are sent for sure, or cannot be."""
        counts = self.fleet.counts
        return counts["new"] + counts["changed"] + counts["unreadable"]

    @property
    def to_check(self) -> int:
        """How many unchanged lines are compared with AWS's registry, and sent where they differ."""
        return self.fleet.counts["unchanged"] if self.rerun else 0

    @property
    def removed(self) -> int:
        """How many registered devices are no longer in the file."""
        return self.fleet.removed_made + self.fleet.removed_found

    @property
    def retires(self) -> bool:
        """Whether devices that left are retired or released: not while a line is unreadable."""
        return self.settings.deregister != "NEVER" and not self.fleet.counts["unreadable"]

    def becomes(self, removed: Removed) -> Becomes:
        """Return what happens to a device that is no longer in the file."""
        return self.settings.becomes(removed) if self.retires else "registered"

    @property
    def retired(self) -> int:
        """How many of them are retired; a device that goes on under another name is not."""
        fleet = self.fleet
        if not self.retires:
            return 0
        found = fleet.removed_found - fleet.renamed_found if self.settings.claim_existing else 0
        return fleet.removed_made - fleet.renamed_made + found

    @property
    def released(self) -> int:
        """How many of them are released from the inventory."""
        is_kept = not self.retires or self.settings.claim_existing
        return 0 if is_kept else self.fleet.removed_found

    @property
    def is_refused(self) -> bool:
        """Whether more devices would be retired than may be."""
        return self.retired > self.settings.most_retired(self.fleet.registered)

    @property
    def new_certificates(self) -> int:
        """How many certificates are made: the most, if the registry was not asked."""
        certified = self.looked_up.certified if self.looked_up else 0
        return len(self.fleet.to_look_up) - certified

    @property
    def parts(self) -> int:
        """How many parts the lines are sent in, with one registration task or two each."""
        return part_count(self.to_send - self.fleet.counts["unreadable"])

    @property
    def seconds(self) -> float:
        """How long the deployment takes by the estimate that it makes itself."""
        kept = self.fleet.unchanged_certified if self.rerun else 0
        return run_seconds(
            to_send=self.to_send,
            to_check=self.to_check,
            to_look_up=len(self.fleet.to_look_up),
            to_ask=self.fleet.to_ask + kept,
            status_pages=part_count(self.to_send + self.to_check)
            * registry.pages_of(self.fleet.registered),
            to_deregister=self.retired,
            things_per_second=self.settings.things_per_second,
        )

    @property
    def is_too_long(self) -> bool:
        """Whether that does not fit into the task's timeout."""
        return 0 < self.settings.timeout < self.seconds

    @property
    def has_something_to_do(self) -> bool:
        """Whether the deployment would send or retire anything."""
        return bool(self.to_send or self.to_check or (self.removed and self.retires))
