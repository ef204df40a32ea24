"""The local AWS in one process and the one over HTTP agree: what happens, and in which order.

Each scenario is lived in both, with the same devices. Times are not compared, and neither is how
often something was looked at that was waited for.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, cast

import pytest

from local import LocalAws
from local.simulation import SimulatedAws
from tests.simulation.assembly import Assembly
from tests.simulation.conftest import assembly
from tests.simulation.devices import device, key_of
from tests.simulation.fleet.templates import with_site
from tests.simulation.other_code import SHORTER, with_other_code
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

__all__ = ["assembly"]

pytestmark = pytest.mark.slow

POLLING = (
    "DescribeThingRegistrationTask",
    "ListThingRegistrationTasks",
    "ListThingRegistrationTaskReports",
)
# Ids of tasks and requests, and the end of a bucket's name.
MASKED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=-task)[0-9a-f]{13}")
Line = dict[str, str]


@cache
def key(name: str) -> str:
    """Return the CSR of a key, the same for both."""
    return device(name)["CSR"]


def line(stack: Stack, number: int, **changed: str) -> Line:
    """Return a line of the stack's file."""
    name = f"{stack.name}-{number}"
    return {"ThingName": name, "CSR": key(name), **changed}


def three(stack: Stack) -> list[Line]:
    """Return the devices that a fleet begins with."""
    return [line(stack, number) for number in range(3)]


def create(stack: Stack, aws: LocalAws) -> None:
    stack.create()


def more_lines(stack: Stack, aws: LocalAws) -> None:
    stack.create()
    stack.declare_devices([*three(stack), line(stack, 3), line(stack, 4)])
    stack.update()


def changed_line(stack: Stack, aws: LocalAws) -> None:
    stack.create()
    stack.declare_devices([line(stack, 0, Site="attic"), *three(stack)[1:]])
    stack.update()


def a_failed_line_more_than_may_be_is_rolled_back(stack: Stack, aws: LocalAws) -> None:
    stack.create()
    stack.declare_devices([*three(stack), line(stack, 3), line(stack, 4)])
    aws.faults(lines=[{"pattern": f"{stack.name}-4", "message": "no room"}])
    stack.update()


def retired_and_returned(stack: Stack, aws: LocalAws) -> None:
    stack.declare(Deregister="REMOVED_LINES")
    stack.create()
    stack.declare_devices(three(stack)[1:])
    stack.update()
    stack.declare_devices(three(stack))
    stack.update()


def deleted_with_all(stack: Stack, aws: LocalAws) -> None:
    stack.create()
    stack.delete()


def worker_that_dies_once(stack: Stack, aws: LocalAws) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Start"}, "what": "dies_after", "next": 1}])
    stack.create()


def throttled_start(stack: Stack, aws: LocalAws) -> None:
    aws.faults(calls=[{"api": "StartThingRegistrationTask", "next": 2}])
    stack.create()


def slot_taken_by_a_stranger(stack: Stack, aws: LocalAws) -> None:
    aws.faults(foreign_task_seconds=6)
    stack.create()


def renamed(stack: Stack, aws: LocalAws) -> None:
    stack.declare(Deregister="REMOVED_LINES")
    stack.create()
    other_name = line(stack, 0, ThingName=f"{stack.name}-renamed")
    stack.declare_devices([other_name, *three(stack)[1:]])
    stack.update()


SCENARIOS = (
    create,
    more_lines,
    changed_line,
    a_failed_line_more_than_may_be_is_rolled_back,
    retired_and_returned,
    deleted_with_all,
    worker_that_dies_once,
    throttled_start,
    slot_taken_by_a_stranger,
    renamed,
)


@dataclass(frozen=True)
class Lived:
    """What a scenario has come to.

    Attributes:
        statuses: of the stack, at the end of each operation.
        counts: the stack's outputs; empty where it has none.
        reasons: why operations have failed.
        things: the attributes of each.
        attached: the owners of the keys of each thing's certificates.
        certificates: the statuses of the certificates of each device's key.
        effects: requests, the worker's calls with their outcomes, and answers, in their order.
    """

    statuses: list[str]
    counts: dict[str, int]
    reasons: list[str]
    things: dict[str, dict[str, str]]
    attached: dict[str, list[str]]
    certificates: dict[str, list[str]]
    effects: list[Any]


@pytest.fixture(scope="module")
def both(assembly: Assembly) -> Iterator[tuple[SimulatedAws, LocalAws]]:
    """Both, with the assets."""
    shorter = with_other_code(assembly, SHORTER)
    with LocalAws() as real, SimulatedAws() as simulated:
        shorter.publish(real)
        shorter.publish(_like_the_real(simulated))
        yield simulated, real


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_what_happens_and_in_which_order_is_the_same(
    assembly: Assembly,
    both: tuple[SimulatedAws, LocalAws],
    scenario: Callable[[Stack, LocalAws], None],
) -> None:
    simulated, real = both

    with simulated.inside():
        in_virtual_time = live(_like_the_real(simulated), assembly, scenario)
    on_processes = live(real, assembly, scenario)

    assert in_virtual_time == on_processes
    assert on_processes.effects


def live(aws: LocalAws, assembly: Assembly, scenario: Callable[[Stack, LocalAws], None]) -> Lived:
    """Live a scenario with a stack of its own."""
    statuses: list[str] = []
    name = scenario.__name__.replace("_", "-")
    stack = Stack(aws, name, assembly.templates["Removal"], statuses.append)
    stack.declare_template(with_site("lab"))
    stack.declare_devices(three(stack))
    before = max((entry["n"] for entry in aws.journal()), default=0)

    scenario(stack, aws)

    aws.faults()
    registry = Registry(aws)
    owners = {key_of(key(f"{name}-{number}")): f"{name}-{number}" for number in range(5)}
    things = {
        thing: told for thing, told in registry.things().items() if thing.startswith(f"{name}-")
    }
    certificates: dict[str, list[str]] = defaultdict(list)
    owner_of = {}
    for each in registry.certificates():
        if each.key in owners:
            certificates[owners[each.key]].append(each.status)
            owner_of[each.certificate_id] = owners[each.key]
    is_there = statuses[-1] in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    return Lived(
        statuses=statuses,
        counts=stack.counts() if is_there else {},
        reasons=[MASKED.sub("ID", reason) for reason in stack.reasons()],
        things=things,
        attached={
            thing: sorted(owner_of[each] for each in registry.certificates_of(thing))
            for thing in things
        },
        certificates=dict(certificates),
        effects=effects(aws.journal(after=before)),
    )


def effects(journal: list[dict[str, Any]]) -> list[Any]:
    """Return what was done in its order; what was looked at meanwhile, as one look at all of it.

    A look that is throttled is repeated: how often depends on the time.
    """
    done = []
    for entry in journal:
        if entry["kind"] == "event":
            done.append(("request", entry["request_type"]))
        elif entry["kind"] == "answer":
            done.append(("answer", json.loads(entry["body"])["Status"]))
        elif entry["kind"] == "call" and ":assumed-role/" in entry["caller"]:
            done.append((entry["api"], str(entry.get("error", "done"))))
    collapsed: list[Any] = []
    for is_look, group in groupby(done, key=lambda effect: effect[0] in POLLING):
        together = list(group)
        names = sorted({effect[0] for effect in together})
        collapsed += [("looks", *names)] if is_look else together
    return collapsed


def _like_the_real(simulated: SimulatedAws) -> LocalAws:
    """Return it as what it has the interface of."""
    return cast(LocalAws, simulated)
