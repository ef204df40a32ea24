"""Tasks that may have held lines of ours, and of which the inventory knows nothing.

A stack that is destroyed and deployed again has the prefix of the one before, but none of its
knowledge. AWS keeps tasks for 30 days: those of the stack before are known by the prefix of their
inputs.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from thing_registration_worker.aws import registration_tasks, s3
from thing_registration_worker.aws.registration_tasks import ENDED, Task
from thing_registration_worker.run.run_parts import input_request
from thing_registration_worker.state.claim import Unclear
from thing_registration_worker.step import Step
from thing_registration_worker.timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG


@dataclass(frozen=True)
class UnknownTasks:
    """What is to be considered of them.

    Attributes:
        settled_at: from when on the registry shows what the last of them did, in epoch seconds.
        unclear: those that may have made certificates without a thing.
    """

    settled_at: float
    unclear: tuple[Unclear, ...]


def unknown_tasks(step: Step) -> UnknownTasks:
    """Ask AWS for them: a call for each task of the last 30 days that has ended."""
    found = list(_unknown(step))
    last_end = max((task.changed_at for task in found), default=0)
    unclear = tuple(
        Unclear(task.task_id, task.key, task.created_at, task.changed_at)
        for task in found
        if task.failure_count or task.status != "Completed"
    )
    return UnknownTasks(last_end + REGISTRY_LAG, unclear)


def _unknown(step: Step) -> Iterator[Task]:
    """Yield them, for so long as a call may take; none where there is an inventory."""
    end = time.time() + LOOK_UP_CALL_BUDGET
    declaration, s3_client = step.request.declaration, step.clients.s3
    inventory = s3.keys_below(s3_client, declaration.bucket, declaration.keys.inventory)
    if any(step.request.request_id not in key for key in inventory):
        return
    for task in registration_tasks.tasks(step.clients.iot, ENDED):
        if time.time() > end:
            print("the account has more registration tasks than can be looked at in time")
            return
        if task.key.startswith(declaration.keys.inputs) and not _is_accounted(step, task.key):
            yield task


def _is_accounted(step: Step, key: str) -> bool:
    """Return whether the run of a task has left here what it sent, or another its mark."""
    declaration = step.request.declaration
    work = declaration.keys.work(input_request(declaration, key), "")
    return any(s3.keys_below(step.clients.s3, declaration.bucket, work))
