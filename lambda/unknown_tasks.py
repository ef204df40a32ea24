"""Tasks that may have held lines of ours, and of which the inventory knows nothing.

A stack that is destroyed and deployed again has the prefix of the one before, but none of its
knowledge. AWS keeps tasks for 30 days: those of the stack before are known by the prefix of their
inputs.
"""

import time
from collections.abc import Iterator

import kept_inventory
from aws import registration_tasks, s3
from aws.registration_tasks import ENDED, Task
from claim import Unclear
from run_parts import input_request
from step import Step
from timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG


def last_unknown_end(step: Step) -> float:
    """Return when the last of them ended, in epoch seconds; 0 if none did within a minute."""
    recent = time.time() - REGISTRY_LAG
    ends = (task.changed_at for task in _unknown(step))
    return max((end for end in ends if end > recent), default=0)


def failed_unknown_tasks(step: Step) -> tuple[Unclear, ...]:
    """Return those that may have made certificates without a thing."""
    return tuple(
        Unclear(task.task_id, task.key, task.created_at, task.changed_at)
        for task in _unknown(step)
        if task.failure_count or task.status != "Completed"
    )


def _unknown(step: Step) -> Iterator[Task]:
    """Yield them, for so long as a call may take; none where there is an inventory."""
    end = time.time() + LOOK_UP_CALL_BUDGET
    declaration, s3_client = step.request.declaration, step.clients.s3
    if any(
        _is_earlier(step, key)
        for key in s3.keys_below(s3_client, declaration.bucket, declaration.keys.inventory)
    ):
        return
    for task in registration_tasks.tasks(step.clients.iot, ENDED):
        if time.time() > end:
            return
        if task.key.startswith(declaration.keys.inputs) and not _is_accounted(step, task.key):
            yield task


def _is_earlier(step: Step, key: str) -> bool:
    """Return whether a part of the inventory is that of an earlier run."""
    return step.request.request_id not in key and not kept_inventory.is_seed(key)


def _is_accounted(step: Step, key: str) -> bool:
    """Return whether the run of a task has left here what it sent, or another its mark."""
    declaration = step.request.declaration
    work = declaration.keys.work(input_request(declaration, key), "")
    return any(s3.keys_below(step.clients.s3, declaration.bucket, work))
