"""The step that accounts for what an earlier request left open, before anything is compared."""

import math
import time
from dataclasses import replace

from thing_registration_worker.registry import earlier_tasks, orphans, searches
from thing_registration_worker.registry.searches import Search
from thing_registration_worker.step import Outcome, Step, StepName
from thing_registration_worker.tasks import accounting, own_task, saved_reports
from thing_registration_worker.tasks.own_tasks import started
from thing_registration_worker.timing import REGISTRY_LAG, REPORTS_BUDGET


def recover(step: Step) -> Outcome:
    """Account for the task of an earlier request, then for certificates that no report names.

    A worker may have died between a task and the state. A line may fail after AWS has made its
    certificate: its key is sent with that certificate the next time.

    Raises:
        RegistrationError: the time is over.
        Superseded: a newer request has the head.
    """
    step.check_time()
    run = step.run
    if not run.settled_at:
        step.verify_state()
    if step.held.start is not None:
        return _account(step)
    if not run.settled_at:
        settled_at = 1.0
        is_certified = step.request.declaration.template.certificate in ("csr", "pem")
        if is_certified and step.request.kind != "Delete":
            found = earlier_tasks.look(step)
            if not found.is_done:
                return Outcome("Recover", run)
            settled_at = max(found.settled_at, settled_at)
        run = replace(run, settled_at=settled_at)
    wanted_by = searches.all_of(step.db)
    if wanted_by:
        settled_at = max(search.until for search in wanted_by) + REGISTRY_LAG
        if time.time() < settled_at:
            return Outcome("Recover", run, wait=_until(settled_at))
        run, _ = orphans.find(step, wanted_by, run)
        return Outcome("Recover", run)
    own_task.forget_others(step.db, step.request.request_id)
    following: StepName = "Deregister" if step.request.kind == "Delete" else "Compare"
    return Outcome(following, replace(run.next_task(), settled_at=run.settled_at))


def _until(moment: float) -> int:
    """Return for how long to wait until a moment, 5 s at a time."""
    return min(5, math.ceil(moment - time.time()))


def _account(step: Step) -> Outcome:
    """Bring what the task of the last start did into the state."""
    run, start = step.run, step.held.start
    assert start is not None  # noqa: S101 - the caller has looked
    task = started(step.clients, step.request.declaration, start)
    if task is None:
        own_task.forget(step.db, start.input_key)
        return Outcome("Recover", run, head={"start": None})
    own = own_task.find(step.db, start.input_key)
    if own is None:
        # The state was lost: which lines it was given is not known.
        until = task.changed_at or time.time()
        searches.add(
            step.db,
            Search(start.input_key, task.task_id, start.sent_at, until, is_known=False),
        )
        return Outcome("Recover", run, head={"start": None})
    own = replace(own, task_id=task.task_id)
    saved, is_whole = saved_reports.save(step, task, own)
    since = run.finishing_since if run.finishing_since and saved == own else time.time()
    if saved != own:
        own_task.put(step.db, saved)
    if not is_whole and time.time() - since < REPORTS_BUDGET:
        return Outcome("Recover", replace(run, finishing_since=since), wait=2)
    reading = accounting.read(step, task, saved, is_whole=is_whole)
    # They were not verified: they are sent once more.
    unverified = {line.name: "" for line in reading.sent if line.thing_exists}
    accounting.account(step, reading, unverified)
    return Outcome("Recover", run.next_task(), head={"start": None})
