"""Tasks of the account whose results the state has not read: of others, or of a stack before.

The registry may lag a task. So a key that the state does not know is certified only when no such
task has ended within that time. AWS keeps tasks for 30 days; what was looked at once is remembered.

A stack that is destroyed and deployed again has the prefix of the one before, but none of its
knowledge: tasks of the stack before are known by the prefix of their inputs.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.registration_tasks import ENDED, Task
from thing_registration_worker.registry import searches
from thing_registration_worker.registry.searches import Search
from thing_registration_worker.step import Step
from thing_registration_worker.timing import KEPT_TASKS_SECONDS, REGISTRY_LAG


@dataclass(frozen=True)
class EarlierTasks:
    """What is to be considered of them.

    Attributes:
        settled_at: from when on the registry shows what the last of them did, in epoch seconds.
        is_done: whether all were looked at; if not, the next call goes on.
    """

    settled_at: float
    is_done: bool


def look(step: Step) -> EarlierTasks:
    """Ask AWS for those that are not remembered: a call for each."""
    settled_at = 0.0
    for number, task_id in enumerate(_unseen(step)):
        if number and step.is_over:
            return EarlierTasks(settled_at, is_done=False)
        task = registration_tasks.find(step.clients.iot, task_id)
        if task is None:
            continue
        settled_at = max(settled_at, task.changed_at + REGISTRY_LAG)
        _note(step, task)
    return EarlierTasks(settled_at, is_done=True)


def _note(step: Step, task: Task) -> None:
    declaration, now = step.request.declaration, time.time()
    may_have_certified = task.failure_count or task.status != "Completed"
    if task.key.startswith(declaration.keys.inputs) and may_have_certified:
        until = task.changed_at or now
        searches.add(
            step.db, Search(task.key, task.task_id, task.created_at, until, is_known=False)
        )
    if task.changed_at + REGISTRY_LAG < now:
        seen = (task.task_id, int(now))
        step.db.execute("INSERT OR IGNORE INTO seen_task (task_id, at) VALUES (?, ?)", seen)


def _unseen(step: Step) -> Iterator[str]:
    """Yield the ended tasks that are not remembered, and that are not ours."""
    listed = list(registration_tasks.task_ids(step.clients.iot, ENDED))
    seen = {task_id for (task_id,) in step.db.execute("SELECT task_id FROM seen_task")}
    # AWS forgets them, and so do we.
    step.db.execute("DELETE FROM seen_task WHERE at < ?", (int(time.time()) - KEPT_TASKS_SECONDS,))
    own = {task_id for (task_id,) in step.db.execute("SELECT task_id FROM task WHERE accounted")}
    for task_id in listed:
        if task_id not in seen and task_id not in own:
            yield task_id
