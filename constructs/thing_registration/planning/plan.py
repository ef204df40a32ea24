"""What the next deployment of one task would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from thing_registration.planning.compared_fleet import ComparedFleet, Fate
from thing_registration.planning.registry_answers import ChangedDevice, LookedUp
from thing_registration.planning.settings import Settings
from thing_registration_worker.aws import registry
from thing_registration_worker.fleet.run_size import part_count, run_seconds

Becomes = Fate | Literal["registered"]


@dataclass(frozen=True)
class Plan:
    """One task's plan.

    Attributes:
        task: what the task is called, such as `ThingRegistration/Fleet`.
        stack: the name of its stack.
        is_deployed: whether there is a state of it: if not, everything is new.
        source: the input file.
        settings: what the task's properties say.
        fleet: the difference.
        will_run: whether CloudFormation asks for a run: it does where a property changes.
        is_new_code: whether the deployment brings another version of this library, and so retires
            nothing.
        rerun: whether the unchanged devices are compared with AWS's registry, because `rerun` has
            another text.
        changes: for some of the changed lines what differs, by line.
        looked_up: what the registry has of the devices that are not known; None if not asked.
        missing: the prerequisites that AWS does not have; None if not asked.
        unresolved: what the provisioning template refers to that is known at the deployment only.
        notes: whatever else the user should know, a sentence each.
    """

    task: str
    stack: str
    is_deployed: bool
    source: str
    settings: Settings
    fleet: ComparedFleet
    will_run: bool = True
    is_new_code: bool = False
    rerun: bool = False
    changes: Mapping[int, ChangedDevice] = field(default_factory=dict)
    looked_up: LookedUp | None = None
    missing: tuple[str, ...] | None = None
    unresolved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether a run would find anything to do."""
        counts = self.fleet.counts
        to_send = counts["new"] + counts["changed"] + counts["unreadable"]
        may_retire = self.settings.deregister != "NEVER" and self.fleet.to_deregister
        return bool(to_send or may_retire)

    @property
    def to_send(self) -> int:
        """How many lines are sent for sure, or cannot be."""
        counts = self.fleet.counts
        total = counts["new"] + counts["changed"] + counts["unreadable"]
        return total if self.will_run else 0

    @property
    def to_check(self) -> int:
        """How many unchanged lines are compared with AWS's registry, and sent where they differ."""
        return self.fleet.counts["unchanged"] if self.rerun else 0

    @property
    def retires(self) -> bool:
        """Whether devices that left are retired or released: not while a line is unreadable."""
        is_wanted = self.settings.deregister != "NEVER" and not self.fleet.counts["unreadable"]
        return is_wanted and self.will_run and not self.is_new_code

    @property
    def first_removed(self) -> Sequence[tuple[str, Becomes]]:
        """The first devices that are no longer in the file, and what each becomes."""
        found = self.fleet.first_removed
        return [(name, fate if self.retires else "registered") for name, fate in found]

    @property
    def retired(self) -> int:
        """How many of them are retired; a device that goes on under another name is not."""
        return self.fleet.fates.get("retired", 0) if self.retires else 0

    @property
    def released(self) -> int:
        """How many of them are forgotten, because they were found and not made."""
        return self.fleet.fates.get("released", 0) if self.retires else 0

    @property
    def is_refused(self) -> bool:
        """Whether more devices would be retired than may be."""
        return self.retired > self.settings.most_retired(self.fleet.registered)

    @property
    def new_certificates(self) -> int:
        """How many certificates are made: the most, if the registry was not asked."""
        certified = self.looked_up.certified if self.looked_up else 0
        return self.fleet.certificates.unknown - certified if self.will_run else 0

    @property
    def kept_certificates(self) -> int:
        """How many lines are sent with a certificate that AWS has."""
        certificates = self.fleet.certificates
        total = certificates.known + certificates.unknown
        return total - self.new_certificates if self.will_run else 0

    @property
    def parts(self) -> int:
        """How many parts the lines are sent in, with one registration task or two each."""
        sent = self.to_send - self.fleet.counts["unreadable"]
        return part_count(sent) if self.will_run else 0

    @property
    def seconds(self) -> float:
        """How long the deployment takes by the estimate that it makes itself."""
        if not self.will_run:
            return 0
        fleet = self.fleet
        return run_seconds(
            to_send=self.to_send,
            to_check=self.to_check,
            to_look_up=fleet.certificates.unknown + fleet.checked_certificates.unknown,
            to_ask=fleet.certificates.known + fleet.checked_certificates.known,
            status_pages=fleet.parts * registry.pages_of(fleet.registered),
            to_deregister=fleet.to_deregister if self.retires else 0,
            things_per_second=self.settings.things_per_second,
        )

    @property
    def is_too_long(self) -> bool:
        """Whether that does not fit into the task's timeout."""
        return 0 < self.settings.timeout < self.seconds

    @property
    def has_something_to_do(self) -> bool:
        """Whether the deployment would send or retire anything."""
        return bool(self.to_send or self.to_check or (self.retires and self.fleet.to_deregister))
