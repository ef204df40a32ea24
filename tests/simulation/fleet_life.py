"""A fleet, what a person does to it, and what must hold after each thing that is done.

The person has one stack with one task, and a template with an attribute that each line may set.
"""

from __future__ import annotations

from collections.abc import Iterable

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device, key_of
from tests.simulation.fleet.templates import with_site
from tests.simulation.invariants import assert_invariants, kept_lines, starts
from tests.simulation.stacks import Stack

Line = dict[str, str]
SITE = "lab"


class FleetLife:
    """One fleet.

    Args:
        aws: the world.
        by_hand: the account.
        stack: the stack with the fleet's task, not created yet.
        deregister: what happens to devices that leave.
        name: begins the names of its things.

    Attributes:
        lines: what the file says.
        accepted: what it said when it was last deployed.
        retired: devices that left the file, and are to be out of use.
        is_interrupted: whether somebody may have cancelled the operation that is under way.
    """

    def __init__(
        self,
        aws: SimulatedAws,
        by_hand: ByHand,
        stack: Stack,
        deregister: str = "NEVER",
        name: str = "thing",
    ) -> None:
        self.aws = aws
        self.stack = stack
        self.lines: list[Line] = []
        self.accepted: list[Line] | None = None
        self.retired: list[Line] = []
        self.left: list[Line] = []
        self.is_interrupted = False
        self._by_hand = by_hand
        self._registry = by_hand.registry
        self._deregister = deregister
        self._name = name
        self._made = 0
        self._damaged: Line | None = None
        self._failing: Line | None = None
        self._tried: dict[str, set[str]] = {}
        stack.declare(Deregister=deregister)
        stack.declare_template(with_site(SITE))

    def new(self) -> Line:
        """Return a line for a new device."""
        self._made += 1
        return dict(device(f"{self._name}-{self._made}"))  # type: ignore[arg-type]

    def add(self, count: int = 2) -> None:
        """Let new devices come."""
        self.lines = [*self.lines, *(self.new() for _ in range(count))]

    def remove(self, position: int = 0) -> Line:
        """Let a device leave the file."""
        line = self.lines[position]
        self.lines = [each for each in self.lines if each is not line]
        return line

    def change(self, position: int = 0, **values: str) -> None:
        """Change a line."""
        lines = list(self.lines)
        lines[position] = {**lines[position], **values}
        self.lines = lines

    def damage(self, position: int = 0) -> None:
        """Make a line unreadable: its CSR is cut short. Its device must be left as it is."""
        self._damaged = self.lines[position]

    def let_fail(self, position: int = 0) -> None:
        """Let AWS refuse a line, whenever it is sent."""
        self._failing = self.lines[position]
        self.aws.faults(lines=[{"pattern": f'"{self._failing["ThingName"]}"'}])

    def lose_the_state(self) -> None:
        """Delete all that the bucket has, as somebody may."""
        s3 = self.aws.client("s3")
        (bucket,) = self.stack.physical_ids(["AWS::S3::Bucket"])
        for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])

    def create(self) -> None:
        """Deploy for the first time; again, if somebody deletes the stack meanwhile."""
        self._declare()
        self._created(self.stack.create())

    def update(self) -> None:
        """Deploy the file as it is; again, if somebody has cancelled that."""
        self._declare()
        before = self.accepted
        self._deployed(self.stack.update(), "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
        if self.accepted is before and self.is_interrupted:
            self.is_interrupted = False
            self._deployed(self.stack.update(), "UPDATE_COMPLETE", "")

    def update_in_vain(self) -> str:
        """Deploy the file in an update that has to fail; return why it did."""
        self._declare()
        assert self.stack.update() == "UPDATE_ROLLBACK_COMPLETE"
        self._rolled_back()
        return self.stack.reasons()[-1]

    def create_beside(self, other: FleetLife) -> None:
        """Deploy for the first time, while another stack does so too."""
        self._declare()
        other._declare()
        other.stack.begin_create()
        mine, others = self.stack.create(), other.stack.end()
        self._created(mine)
        other._created(others)

    def roll_back(self) -> None:
        """Deploy the file in an update that is rolled back after our success."""
        self._declare()
        self.stack.declare_failing_resource()
        assert self.stack.update() == "UPDATE_ROLLBACK_COMPLETE"
        del self.stack.template["Resources"]["Fails"]
        self._rolled_back()

    def delete(self) -> None:
        """Destroy the stack."""
        assert self.stack.delete() == "DELETE_COMPLETE"
        if self._deregister == "ALL":
            self.retired, self.left = [], []
            assert self._things(self.accepted or []) == []
        self.accepted = None
        self.check()

    def check(self) -> None:
        """Assert what must hold."""
        assert_invariants(self.aws, self._by_hand)
        if self.accepted is None:
            return
        things, certificates = self._registry.things(), self._registry.certificates()
        status = {each.key: each.status for each in certificates}
        for line in self.accepted:
            name = line["ThingName"]
            # A rollback registers nothing: what an update has changed may stay so.
            sites = {line.get("Site", SITE), *self._tried.get(name, ())}
            assert things.get(name, {}).get("site") in sites, name
            key = key_of(line["CSR"])
            assert status.get(key) == "ACTIVE", f"{name} has no active certificate"
            (certificate_id,) = [each.certificate_id for each in certificates if each.key == key]
            assert certificate_id in self._registry.certificates_of(name), name
        for line in self.retired:
            assert status[key_of(line["CSR"])] == "INACTIVE", f"{line['ThingName']} is in use"
        for line in self.left:
            assert status[key_of(line["CSR"])] == "ACTIVE", f"{line['ThingName']} was silenced"

    def check_counts(self) -> None:
        """Assert that what the stack tells of the deployment is true."""
        counts, lines = self.stack.counts(), len(self.lines)
        sent = counts["Succeeded"] + counts["Failed"]
        assert sent + counts["Unchanged"] == lines, counts
        assert counts["Registered"] >= len(self.accepted or []), counts
        unread = int(self._damaged is not None)
        kept = kept_lines(self.aws, self.stack.outputs()["TaskReports"])
        assert kept == sent - unread, counts

    def _created(self, status: str) -> None:
        self._deployed(status, "CREATE_COMPLETE", "DELETE_COMPLETE")
        if self.accepted is None:
            self.is_interrupted = False
            self._deployed(self.stack.create(), "CREATE_COMPLETE", "")

    def _declare(self) -> None:
        self.stack.declare_devices(
            {**line, "CSR": line["CSR"][:60]} if line is self._damaged else line
            for line in self.lines
        )

    def _deployed(self, status: str, good: str, cancelled: str) -> None:
        if status != good:
            assert self.is_interrupted, f"{status}: {self.stack.reasons()[-1:]}"
            assert status == cancelled
            self._rolled_back()
            return
        self._tried = {}
        bad = (self._damaged, self._failing)
        readable = [line for line in self.lines if all(line is not each for each in bad)]
        before, self.accepted = self.accepted or [], readable
        keys = {line["CSR"] for line in readable}
        gone = [line for line in before if line["CSR"] not in keys]
        self.retired = _without(self.retired, keys)
        self.left = _without(self.left, keys)
        names = {line["ThingName"] for line in self.lines}
        for line in gone:
            if line is self._failing:
                continue
            if self._deregister == "NEVER" or self._damaged is not None:
                self.left.append(line)
            elif line["ThingName"] not in names:
                self.retired.append(line)
        self.check()
        self.check_counts()

    def _rolled_back(self) -> None:
        mine = f":stack/{self.stack.name}/"
        events = [each for each in self.aws.journal("event") if mine in each["stack_id"]]
        sent = [call["parameters"]["inputFileKey"] for call in starts(self.aws)]
        is_update = events[-1]["request_type"] == "Update"
        of_rollback = [key for key in sent if is_update and events[-1]["request_id"] in key]
        assert not of_rollback, "a rollback has registered something"
        for line in self.lines:
            self._tried.setdefault(line["ThingName"], set()).add(line.get("Site", SITE))
        self.check()

    def _things(self, lines: Iterable[Line]) -> list[str]:
        things = self._registry.things()
        return [line["ThingName"] for line in lines if line["ThingName"] in things]


def _without(lines: list[Line], csrs: set[str]) -> list[Line]:
    return [line for line in lines if line["CSR"] not in csrs]
