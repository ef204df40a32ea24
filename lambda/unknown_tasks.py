"""Tasks that may have held lines of ours, and of which the inventory knows nothing."""

import time

from aws import registration_tasks, s3
from aws.registration_tasks import ENDED
from step import Step
from timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG


def last_unknown_end(step: Step) -> float:
    """Return when the last of them ended, in epoch seconds; 0 if none did within a minute.

    A stack that is destroyed and deployed again has the prefix of the one before, but none of its
    knowledge: its tasks are known by the prefix of their inputs.
    """
    declaration, now = step.request.declaration, time.time()
    latest = 0.0
    for task in registration_tasks.tasks(step.clients.iot, ENDED):
        if time.time() - now > LOOK_UP_CALL_BUDGET:
            break
        is_recent = now - task.changed_at < REGISTRY_LAG
        if (
            is_recent
            and task.key.startswith(declaration.keys.inputs)
            and not _is_known(step, task.bucket, task.key)
        ):
            latest = max(latest, task.changed_at)
    return latest


def _is_known(step: Step, bucket: str, key: str) -> bool:
    """Return whether the run of a task has left here what it sent: then it was accounted for."""
    declaration = step.request.declaration
    request_id = key.removeprefix(declaration.keys.inputs).partition("/")[0]
    work = declaration.keys.work(request_id, "")
    is_here = bucket == declaration.bucket
    return is_here and any(s3.keys_below(step.clients.s3, bucket, work))
