"""The worker's own step, done here with the credentials of the user."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.fleet_state import Telling, read_state
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration_worker.aws import registry_changes
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.fleet.run_size import DEREGISTERED_PER_SECOND
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.request import Request
from thing_registration_worker.state import devices
from thing_registration_worker.state.stored import StateFile
from thing_registration_worker.state.taking import take
from thing_registration_worker.step import Call, Step
from thing_registration_worker.steps.deregister import deregister


@dataclass(frozen=True)
class _Command(Request):
    """A request without a deadline, since nobody waits for an answer."""

    @property
    def deadline(self) -> float:
        return math.inf


class Deregistration:
    """What is deleted of a task's devices, by the code that deletes them with a stack.

    Making one only reads.

    Args:
        aws: the account.
        task: the task.
        only_retired: leave those that are registered.
        tell: is called with what happens, in words.

    Raises:
        CommandError: the task's bucket or prefix is not known, its state cannot be read, or is
            another resource's.
    """

    def __init__(
        self, aws: AwsSession, task: StackTask, *, only_retired: bool, tell: Telling
    ) -> None:
        place = task.text("Bucket"), task.text("KeyPrefix")
        properties = {name: value.text for name, value in task.properties.items()}
        state = read_state(aws.s3, *place, tell)
        if state.problem:
            raise CommandError(f"{task}: its state cannot be read: {state.problem}")
        self._request = _Command(
            kind="Delete",
            request_id=f"deregister-{uuid4()}",
            stack_id=task.stack_id,
            logical_id=task.logical_id,
            answer_ids={},
            response_url="",
            declaration=Declaration.from_properties(properties),
            old_declaration=None,
            # Whatever the clock here says, any later deployment comes after it.
            received_at=state.head.holder.sent.received_at if state.head else 0,
        )
        if state.head and state.head.owner not in (None, self._request.owner):
            raise CommandError(f"the state of {task} belongs to {state.head.owner}")
        self._clients = Clients()
        self._clients.__dict__.update(iot=aws.iot, s3=aws.s3)
        self._only_retired, self._file = only_retired, StateFile()
        claimed = self._request.declaration.claim_existing
        #: The names of the things that are deleted, or that have certificates which are.
        self.thing_names = leaving_devices.made(
            state.db, claimed=claimed, only_retired=only_retired
        )
        #: The certificates that are deleted, unless another thing uses them.
        self.certificate_ids = sorted(
            each.certificate_id
            for name in self.thing_names
            for each in devices.certificates_of(state.db, name)
            if each.made or claimed
        )

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return len(self.thing_names) / DEREGISTERED_PER_SECOND

    def policies(self, tell: Callable[[int], None]) -> list[str]:
        """Return the policies that these certificates have; a call for each of them."""
        found: set[str] = set()
        prefix = self._request.certificate_arn_prefix
        for number, certificate_id in enumerate(self.certificate_ids):
            tell(number)
            found.update(registry_changes.policies_of(self._clients.iot, prefix + certificate_id))
        return sorted(found)

    def delete(self, tell: Callable[[int], None]) -> int:
        """Delete them; return how many devices that were.

        Raises:
            CommandError: AWS refuses some, or a deployment has begun meanwhile.
        """
        try:
            return self._delete(self._taken(), tell)
        except Superseded as error:
            raise CommandError(
                f"a deployment or another command has begun meanwhile ({error}): "
                "run this command again when it has ended"
            ) from error
        except RegistrationError as error:
            raise CommandError(str(error)) from error

    def _taken(self) -> Step:
        """Take the head, and wait until no call for an earlier request is under way."""
        request = self._request
        head = take(self._clients.s3, request, request.declaration, make=False)
        if head is None:
            raise Superseded(request.request_id, "")
        time.sleep(max(0, head.quiet_at - time.time()))
        return Step("Deregister", request, _call(1), self._clients, self._file, head)

    def _delete(self, step: Step, tell: Callable[[int], None]) -> int:
        claimed = self._request.declaration.claim_existing
        try:
            names = leaving_devices.made(step.db, claimed=claimed, only_retired=self._only_retired)
            count = leaving_devices.collect_made(step, names)
            step.commit(replace(step.run, to_deregister=count))
            while count and not step.run.has_deregistered:
                tell(step.run.deregistered)
                outcome = deregister(step)
                step.commit(outcome.run, {"next": outcome.next_step})
                step = self._next(step)
        finally:
            # Of a command that has ended, nothing is in flight.
            step.roll_back()
            last = self._next(step)
            last.commit(holder=replace(last.held.holder, answered=True))
        return count

    def _next(self, step: Step) -> Step:
        call = _call(step.call.number + 1)
        return Step("Deregister", self._request, call, self._clients, self._file, step.head)


def _call(number: int) -> Call:
    now = time.time()
    return Call(number, began=now, since=now)
