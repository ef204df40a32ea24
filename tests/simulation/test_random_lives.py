"""Random lives of a fleet under random faults: what must hold does, after each step.

Most devices stay the same from one deployment to the next; others come, go, come back, change, get
another name or another key. Stacks fail to be created, are destroyed and deployed again.

RANDOM_LIVES sets how many lives of ten steps are lived, RANDOM_LIVES_SEED the seed of the first.
A failure prints the seed of its life, and its steps.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from local import LocalAws
from local.faults.document import LINE_STAGES
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device, key_of
from tests.simulation.fleet.templates import with_site
from tests.simulation.invariants import assert_invariants
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

LIVES = int(os.environ.get("RANDOM_LIVES", "2"))
STEPS = 10
STEP_NAMES = (
    *("Prepare", "Recover", "Compare", "Provide", "LookUp"),
    *("Start", "Observe", "Finish", "Deregister", "Stop", "Answer"),
)
TIMEOUT = "600"

Faults = dict[str, Any]


def harmless(chance: random.Random) -> Faults:
    """Faults under which everything has to succeed all the same."""
    step = chance.choice(STEP_NAMES)
    what = chance.choice(["dies_before", "dies_after", "times_out", "out_of_memory"])
    code = chance.choice(["ThrottlingException", "InternalFailureException"])
    seed = chance.randrange(1000)
    return chance.choice(
        [
            {},
            {"duplicate_events": 1},
            {"answers": {"next": chance.randint(1, 2)}},
            {"lambdas": [{"payload": {"step": step}, "what": what, "next": chance.randint(1, 2)}]},
            {"lambdas": [{"function": "OnEvent", "what": what, "next": 1}]},
            {"calls": [{"code": code, "rate": chance.choice([0.1, 0.3])}], "seed": seed},
            {"foreign_task_seconds": chance.randint(1, 4)},
            {"role": {"seconds": chance.randint(1, 4)}},
            {"reports": {"empty_first": chance.randint(1, 3), "lines_per_link": 1}},
            {"page_size": 1},
            {"calls": [lost_start(chance)], "list_lag_seconds": chance.randint(1, 8)},
            {"executions_lag_seconds": 30, "list_lag_seconds": chance.randint(1, 8)},
            {"reports": {"lines_per_link": 1, "links_each_seconds": chance.randint(1, 3)}},
            {"downloads": {"cut_after_bytes": chance.randint(0, 900), "next": 2}},
            {"reports": {"first_line_number": 0}},
            {"reports": {"late_seconds": 600}},
            {"registry_lag_seconds": chance.randint(1, 8)},
            {"slot_freed_late_seconds": 5, "foreign_task_seconds": 2},
            {"lambda_refuses": {"seconds": chance.randint(1, 8), "payload": {"step": step}}},
            {"late_event_seconds": chance.randint(1, 5)},
            {"passed_to_service_key": False},
        ]
    )


def lost_start(chance: random.Random) -> Faults:
    """A start whose answer is lost, with or without an effect."""
    what = {"api": "StartThingRegistrationTask", "what": "dropped", "next": 1}
    return {**what, "when": chance.choice(["before", "after"])}


def harmful(chance: random.Random, thing_name: str) -> Faults:
    """Faults under which a task fails that is to register at least two lines, one of this thing."""
    line = {"pattern": f'"{thing_name}"', "message": "no" * chance.randint(1, 9_999)}
    return chance.choice(
        [
            {"lines": [{**line, "after": chance.choice(LINE_STAGES)}]},
            {"task": {"ends": "Failed", "after_lines": chance.randint(0, 1)}},
            {"task": {"ends": "Cancelled", "after_lines": chance.randint(0, 1)}},
            {"task": {"ends": "hangs"}, "cancelling_seconds": chance.randint(0, 3)},
            {"role": {"seconds": 600, "at": "task"}},
            {"task": {"success_count": 0, "failure_count": 0}},
        ]
    )


class Life:
    """One fleet, from its first deployment on.

    Args:
        by_hand: the local AWS.
        stack: its stack.
        chance: decides.
        is_tidy: whether removed lines are retired. Such a fleet is never destroyed, and no device
            gets another key: whatever was active before then would stay active.
    """

    def __init__(
        self, by_hand: ByHand, stack: Stack, chance: random.Random, *, is_tidy: bool
    ) -> None:
        self._aws = by_hand.aws
        self._registry = by_hand.registry
        self._stack = stack
        self._chance = chance
        self._is_tidy = is_tidy
        self._exists = False
        self._made = 0
        self._devices: list[dict[str, str]] = [self._new() for _ in range(4)]
        self._gone: list[dict[str, str]] = []
        stack.declare_template(with_site("lab"))
        if chance.random() < 0.5:
            stack.retain()

    def step(self) -> None:
        """Do something that is possible now, and look whether it ended as it has to."""
        if self._exists:
            ends = [] if self._is_tidy else [self._delete]
            self._chance.choice([*ends, *[self._update] * 4, self._touch, self._roll_back])()
        else:
            self._create()

    def _create(self) -> None:
        changed = self._change()
        fails = self._strike(changed)
        status = self._stack.create()
        assert status == ("ROLLBACK_COMPLETE" if fails else "CREATE_COMPLETE")
        self._exists = not fails
        if fails:
            self._delete()
        else:
            self._is_as_declared()

    def _update(self) -> None:
        fails = self._strike(self._change())
        status = self._stack.update()
        assert status == ("UPDATE_ROLLBACK_COMPLETE" if fails else "UPDATE_COMPLETE")
        if not fails:
            self._is_as_declared()

    def _touch(self) -> None:
        """Change nothing that devices depend on: what is not registered yet, is then."""
        self._stack.declare(MaxFailures=f"0.{self._chance.randint(1, 10**9)}%")
        self._tell("touch", {})
        self._stack.declare(TimeoutSeconds=TIMEOUT)
        assert self._stack.update() == "UPDATE_COMPLETE"
        self._is_as_declared()

    def _roll_back(self) -> None:
        self._change()
        self._stack.declare_failing_resource()
        faults = harmless(self._chance)
        self._tell("roll back", faults)
        self._stack.declare(TimeoutSeconds=TIMEOUT)
        self._aws.faults(**faults)
        assert self._stack.update() == "UPDATE_ROLLBACK_COMPLETE"
        del self._stack.template["Resources"]["Fails"]

    def _delete(self) -> None:
        faults = harmless(self._chance)
        self._tell("delete", faults)
        self._aws.faults(**faults)
        assert self._stack.delete() == "DELETE_COMPLETE"
        self._exists = False

    def _change(self) -> str:
        """Declare a file that adds two devices and changes few others; the name of a new one."""
        added = [self._new(), self._new()]
        self._devices += added
        kept = self._devices[:-2]
        key = "remove" if self._is_tidy else "key"
        change = self._chance.choice(["remove", "site", "rename", key, "return", "none"])
        if change == "return" and self._gone:
            self._devices.append(self._gone.pop())
        elif change == "remove":
            self._gone.append(self._devices.pop(self._chance.randrange(len(kept))))
        elif change in ("site", "rename", "key"):
            self._devices[self._chance.randrange(len(kept))] |= {
                "site": {"Site": f"room-{self._made}"},
                "rename": {"ThingName": f"renamed-{self._made}"},
                "key": {"CSR": self._new()["CSR"]},
            }[change]
        self._stack.declare_devices(self._devices)
        print(f"{change}, {len(self._devices)} devices")
        return added[0]["ThingName"]

    def _new(self) -> dict[str, str]:
        self._made += 1
        new = device(f"thing-{self._made}-")
        return {"ThingName": new["ThingName"], "CSR": new["CSR"]}

    def _strike(self, thing_name: str) -> bool:
        """Put faults in force; whether they make a task fail."""
        may_fail = self._exists or not self._is_tidy
        fails = may_fail and self._chance.random() < 0.3
        faults = harmful(self._chance, thing_name) if fails else harmless(self._chance)
        self._tell("deploy", faults)
        # A lost start is looked for longer than a minute; a task that hangs is not worth the wait.
        hangs = faults.get("task", {}).get("ends") == "hangs"
        self._stack.declare(TimeoutSeconds="10" if hangs else TIMEOUT)
        self._aws.faults(**faults)
        return fails

    def _is_as_declared(self) -> None:
        """AWS IoT has each device of the file, its attribute, and its key's certificate."""
        self._aws.faults(throttling=False)
        things, certificates = self._registry.things(), self._registry.certificate_ids()
        for each in self._devices:
            name = each["ThingName"]
            assert things[name] == {"site": each.get("Site", "lab")}
            (certificate_id,) = certificates[key_of(each["CSR"])]
            assert certificate_id in self._registry.certificates_of(name), name
        if self._is_tidy:
            active = {one.key for one in self._registry.certificates() if one.status == "ACTIVE"}
            assert active == {key_of(each["CSR"]) for each in self._devices}

    def _tell(self, what: str, faults: Faults) -> None:
        print(f"{what} under {str(faults)[:300]}")


@pytest.mark.parametrize("is_tidy", [False, True], ids=["kept", "tidy"])
@pytest.mark.parametrize("number", range(LIVES))
def test_whatever_happens_to_a_fleet_what_must_hold_does(
    aws: LocalAws, new_stack: Callable[[str], Stack], by_hand: ByHand, number: int, is_tidy: bool
) -> None:
    """Where lines come and go, the active certificates are exactly those of the lines."""
    stack = new_stack("Removal" if is_tidy else "Fleet")
    if is_tidy:
        stack.declare(Deregister="REMOVED_LINES")
    first = os.environ.get("RANDOM_LIVES_SEED")
    seed = int(first) + number if first else random.SystemRandom().randrange(10**6)
    print(f"RANDOM_LIVES_SEED={seed} RANDOM_LIVES=1")
    life = Life(by_hand, stack, random.Random(seed), is_tidy=is_tidy)
    for _ in range(STEPS):
        life.step()
        assert_invariants(aws, by_hand)
