"""What people do to a fleet, up to the operation in which everything that can go wrong does.

A scenario is a generator: what stands before its `yield` happens without faults; in what stands
after it, each call is struck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from local.simulation import SimulatedAws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet_life import FleetLife
from tests.simulation.stacks import Stack

NEVER, REMOVED_LINES, ALL = "NEVER", "REMOVED_LINES", "ALL"


class Scene:
    """An account with our stacks.

    Args:
        aws: the world.
        by_hand: the account.
        new_stack: makes one of the synthesized stacks.
        size: how many devices a fleet begins with.
    """

    def __init__(
        self,
        aws: SimulatedAws,
        by_hand: ByHand,
        new_stack: Callable[[str], Stack],
        size: int,
    ) -> None:
        self.aws = aws
        self.by_hand = by_hand
        self.new_stack = new_stack
        self.size = size
        self.fleets: list[FleetLife] = []

    def fleet(self, deregister: str = NEVER, stack: str = "", name: str = "thing") -> FleetLife:
        """Return a fleet whose file has some devices, and whose stack is not created yet."""
        stack = stack or ("Fleet" if deregister == NEVER else "Removal")
        fleet = FleetLife(self.aws, self.by_hand, self.new_stack(stack), deregister, name)
        fleet.add(self.size)
        self.fleets.append(fleet)
        return fleet

    def deployed(self, deregister: str = NEVER) -> FleetLife:
        """Return a fleet that is deployed."""
        fleet = self.fleet(deregister)
        fleet.create()
        return fleet

    def interrupt(self) -> None:
        """Say that somebody may have cancelled what is under way."""
        for fleet in self.fleets:
            fleet.is_interrupted = True


Scenario = Callable[[Scene], Iterator[None]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(told: Scenario) -> Scenario:
    """Add a scenario to the list."""
    SCENARIOS[told.__name__] = told
    return told


@scenario
def create(scene: Scene) -> Iterator[None]:
    fleet = scene.fleet()
    yield
    fleet.create()


@scenario
def create_beside_a_script(scene: Scene) -> Iterator[None]:
    """Some devices exist already, with their certificates."""
    script = scene.fleet(name="shared", stack="Other")
    script.create()
    fleet = scene.fleet()
    fleet.lines = [*script.lines[:2], *fleet.lines[:1]]
    yield
    fleet.create()


@scenario
def more_lines(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.add()
    fleet.update()


@scenario
def fewer_lines(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.remove()
    fleet.update()


@scenario
def changed_lines(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.change(0, Site="attic")
    fleet.change(1, Site="cellar")
    fleet.add(1)
    fleet.update()


@scenario
def renamed_line(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.change(1, ThingName="another-name")
    fleet.update()


@scenario
def renamed_line_where_removed_ones_are_retired(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(REMOVED_LINES)
    yield
    fleet.change(1, ThingName="another-name")
    fleet.update()


@scenario
def new_key(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.change(0, CSR=fleet.new()["CSR"])
    fleet.update()


@scenario
def two_names_swapped(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    first, second = (line["ThingName"] for line in fleet.lines[:2])
    fleet.change(0, ThingName=second)
    fleet.change(1, ThingName=first)
    fleet.update()


@scenario
def retire(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(REMOVED_LINES)
    yield
    fleet.remove()
    fleet.add(1)
    fleet.update()


@scenario
def bring_back(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(REMOVED_LINES)
    line = fleet.remove()
    fleet.update()
    yield
    fleet.lines = [*fleet.lines, line]
    fleet.update()


@scenario
def retire_again(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(REMOVED_LINES)
    line = fleet.remove()
    fleet.update()
    fleet.lines = [*fleet.lines, line]
    fleet.update()
    yield
    fleet.remove(len(fleet.lines) - 1)
    fleet.update()


@scenario
def rollback_after_new_lines(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.add(1)
    fleet.roll_back()


@scenario
def deploy_again_after_a_rollback(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.add(1)
    fleet.roll_back()
    yield
    fleet.update()


@scenario
def nothing_has_changed_for_the_devices(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.stack.declare(MaxFailures="1")
    yield
    fleet.update()


@scenario
def look_again(scene: Scene) -> Iterator[None]:
    """Somebody has changed a device by hand; `rerun` finds it."""
    fleet = scene.deployed()
    name = fleet.lines[0]["ThingName"]
    iot = scene.aws.client("iot")
    iot.update_thing(thingName=name, attributePayload={"attributes": {"site": "nowhere"}})
    fleet.stack.declare(Rerun="again")
    # Until then, nobody knows.
    fleet.accepted = fleet.accepted and fleet.accepted[1:]
    yield
    fleet.update()


@scenario
def delete_and_leave_the_devices(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    yield
    fleet.delete()


@scenario
def delete_and_take_the_devices_with_it(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(ALL)
    yield
    fleet.delete()


@scenario
def delete_with_retired_devices(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed(REMOVED_LINES)
    fleet.remove()
    fleet.update()
    yield
    fleet.delete()


@scenario
def destroyed_and_deployed_again(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.delete()
    yield
    fleet.create()


@scenario
def destroyed_but_for_its_bucket_and_deployed_again(scene: Scene) -> Iterator[None]:
    fleet = scene.fleet()
    fleet.stack.retain()
    fleet.create()
    fleet.delete()
    yield
    fleet.create()


@scenario
def state_lost(scene: Scene) -> Iterator[None]:
    """Somebody has deleted all that we keep in the bucket."""
    fleet = scene.deployed()
    fleet.lose_the_state()
    fleet.add(1)
    yield
    fleet.update()


@scenario
def slot_taken_by_a_stranger(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.add(1)
    scene.aws.faults(foreign_task_seconds=60)
    yield
    fleet.update()


@scenario
def a_line_that_nobody_can_read(scene: Scene) -> Iterator[None]:
    """It fails within the tolerance, and nothing is retired while it is there."""
    fleet = scene.deployed(REMOVED_LINES)
    fleet.stack.declare(MaxFailures="1")
    fleet.remove()
    fleet.damage()
    yield
    fleet.update()


@scenario
def a_line_that_fails_within_the_tolerance(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.stack.declare(MaxFailures="1")
    fleet.add(2)
    fleet.let_fail(len(fleet.lines) - 1)
    yield
    fleet.update()


@scenario
def a_line_that_fails_beyond_the_tolerance(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.add(2)
    fleet.let_fail(len(fleet.lines) - 1)
    yield
    fleet.update_in_vain()


@scenario
def a_truncated_file(scene: Scene) -> Iterator[None]:
    """More devices have left than may be retired at once: it is refused."""
    fleet = scene.deployed(REMOVED_LINES)
    fleet.stack.declare(MaxDeregistered="1")
    del fleet.lines[1:]
    yield
    fleet.update_in_vain()


@scenario
def construct_renamed(scene: Scene) -> Iterator[None]:
    """CloudFormation creates the new resource before it deletes the old one."""
    fleet = scene.deployed()
    (logical_id,) = fleet.stack.tasks
    fleet.stack.replace(fleet.stack.property("KeyPrefix"), "Fleet/Renamed/")
    fleet.stack.replace(logical_id, "Renamed")
    yield
    fleet.update()


@scenario
def two_stacks_at_once(scene: Scene) -> Iterator[None]:
    other = scene.fleet(stack="Other", name="other")
    fleet = scene.fleet()
    yield
    fleet.create_beside(other)


@scenario
def another_prefix(scene: Scene) -> Iterator[None]:
    fleet = scene.deployed()
    fleet.stack.replace(fleet.stack.property("KeyPrefix"), "Elsewhere/Task/")
    fleet.add(1)
    yield
    fleet.update()


@scenario
def two_stacks_after_each_other(scene: Scene) -> Iterator[None]:
    other = scene.fleet(stack="Other", name="other")
    other.create()
    fleet = scene.fleet()
    yield
    fleet.create()


@scenario
def rollback_after_changed_lines(scene: Scene) -> Iterator[None]:
    """The devices stay as the update made them: a rollback registers nothing."""
    fleet = scene.deployed()
    yield
    fleet.change(0, Site="attic")
    fleet.roll_back()
