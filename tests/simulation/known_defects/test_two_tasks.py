"""Two tasks of one stack: a device that moves from one file to the other stays in service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

import pytest

from local.simulation import SimulatedAws
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


class Pair:
    """A stack with two tasks that retire what leaves their files."""

    def __init__(self, aws: SimulatedAws, stack: Stack) -> None:
        self._aws = aws
        self.stack = stack

    def _task(self, name: str) -> str:
        """Return the logical id of a task: its name and a hash."""
        (found,) = [one for one in self.stack.tasks if one.startswith(name)]
        return found

    def devices(self, name: str) -> list[dict[str, str]]:
        """Return the devices of the file of a task."""
        properties = self.stack.tasks[self._task(name)]["Properties"]
        source = {"Bucket": properties["SourceBucket"], "Key": properties["SourceKey"]}
        body = self._aws.client("s3").get_object(**source)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]

    def declare(self, name: str, devices: Iterable[Mapping[str, object]]) -> None:
        """Let a task read a file with these devices."""
        lines = [json.dumps(each) + "\n" for each in devices]
        body = "".join(lines).encode()
        properties = self.stack.tasks[self._task(name)]["Properties"]
        new = hashlib.sha256(body).hexdigest()
        old = properties["InputHash"]
        key = properties["SourceKey"].replace(old, new)
        self._aws.client("s3").put_object(Bucket=properties["SourceBucket"], Key=key, Body=body)
        properties["DeviceCount"] = str(len(lines))
        # The other task is told of it as well.
        self.stack.replace(old, new)


@pytest.fixture
def pair(aws: SimulatedAws, new_stack: Callable[[str], Stack]) -> Pair:
    """The stack, not created yet."""
    stack = new_stack("RemovalPair")
    stack.declare(Deregister="REMOVED_LINES")
    return Pair(aws, stack)


@pytest.mark.parametrize(("giver", "taker"), [("First", "Second"), ("Second", "First")])
def test_a_device_that_moves_to_another_task_stays_in_service_with_its_certificate(
    pair: Pair, registry: Registry, giver: str, taker: str
) -> None:
    arranged(pair.stack.create() == "CREATE_COMPLETE", "the stack is not created")
    moved, *others = pair.devices(giver)
    before = registry.certificate_of(moved["ThingName"])
    pair.declare(giver, others)
    pair.declare(taker, [*pair.devices(taker), moved])

    status = pair.stack.update()

    made = {each.certificate_id for each in registry.certificates()}
    inactive = [one for one in made if registry.statuses()[one] != "ACTIVE"]
    after = registry.certificates_of(moved["ThingName"])
    # The first task of the stack is always updated first.
    told = (status, after, inactive, len(made))
    assert told == ("UPDATE_COMPLETE", [before], [], 6)
