"""The worker's own step, done here with the credentials of the user."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration_worker.aws import registry_changes
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.run_size import DEREGISTERED_PER_SECOND
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.request.request import Declaration, Request
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.state.claim import record_answer, take
from thing_registration_worker.step import Step
from thing_registration_worker.steps.deregister import deregister


class Deregistration:
    """What is deleted of a task's devices, by the code that deletes them with a stack.

    Args:
        aws: the account.
        stack_id: the ARN of the task's stack.
        task: the task.
        only_retired: leave those that are registered.

    Raises:
        CommandError: the task's bucket or prefix is not known.
    """

    def __init__(
        self, aws: AwsSession, stack_id: str, task: StackTask, *, only_retired: bool
    ) -> None:
        for name in ("Bucket", "KeyPrefix"):
            task.text(name)
        properties = {name: value.text for name, value in task.properties.items()}
        request = Request(
            kind="Delete",
            request_id=f"deregister-{uuid4()}",
            stack_id=stack_id,
            logical_id=task.logical_id,
            answer_ids={},
            response_url="",
            declaration=Declaration.from_properties(properties),
            old_declaration=None,
        )
        clients = Clients()
        clients.__dict__.update(iot=aws.iot, s3=aws.s3)
        progress = Progress(deadline=math.inf, received_at=time.time())
        self._step: Step = Step("Deregister", request, progress, clients)
        self._only_retired = only_retired
        self.entries: Sequence[Entry] = leaving_devices.made(self._step, only_retired=only_retired)

    @property
    def thing_names(self) -> list[str]:
        """The names of the things that are deleted, or that have certificates which are."""
        return sorted({entry.thing_name for entry in self.entries})

    @property
    def certificate_ids(self) -> list[str]:
        """The certificates that are deleted, unless another thing uses them."""
        made = (entry for entry in self.entries if entry.certificate_made)
        return sorted({entry.certificate_id for entry in made} - {""})

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return len(self.thing_names) / DEREGISTERED_PER_SECOND

    def policies(self, tell: Callable[[int], None]) -> list[str]:
        """Return the policies that these certificates have; a call for each of them."""
        found: set[str] = set()
        prefix = self._step.request.certificate_arn_prefix
        for number, certificate_id in enumerate(self.certificate_ids):
            tell(number)
            found.update(
                registry_changes.policies_of(self._step.clients.iot, prefix + certificate_id)
            )
        return sorted(found)

    def delete(self, tell: Callable[[int], None]) -> int:
        """Delete them; return how many devices that were.

        Raises:
            CommandError: AWS refuses some, or a deployment has begun meanwhile.
        """
        step = self._step
        try:
            take(step, step.request.declaration)
            count = leaving_devices.collect_all(step, only_retired=self._only_retired)
            run = replace(step.progress.run, to_deregister=count)
            step = replace(step, progress=replace(step.progress, run=run))
            while count and step.progress.run.deregistered < count:
                tell(step.progress.run.deregistered)
                step = replace(step, progress=deregister(step).progress)
            record_answer(step)
        except Superseded as error:
            raise CommandError(
                f"a deployment or another command has begun meanwhile ({error}): "
                "run this command again when it has ended"
            ) from error
        except RegistrationError as error:
            record_answer(step)
            raise CommandError(str(error)) from error
        return count
