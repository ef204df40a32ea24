"""The step that accounts for what an earlier request left open, before anything is compared."""

import time
from dataclasses import replace

from thing_registration_worker.registry import orphans
from thing_registration_worker.registry.earlier_tasks import unknown_tasks
from thing_registration_worker.run import sent_lines
from thing_registration_worker.run.run_parts import input_request, next_task, sent_key
from thing_registration_worker.state.claim import Claim, held, record_account
from thing_registration_worker.step import Outcome, Step, StepName
from thing_registration_worker.tasks import accepted, saved_reports
from thing_registration_worker.tasks.account import Reading, account_for
from thing_registration_worker.tasks.own_tasks import started
from thing_registration_worker.timing import REGISTRY_LAG, REPORTS_BUDGET


def recover(step: Step) -> Outcome:
    """Account for the task of an earlier request, then for certificates that no report names.

    A worker may have died between a task and the inventory. A line may fail after AWS has made its
    certificate: its key is sent with that certificate the next time.

    Raises:
        Superseded: a newer request has the claim.
    """
    claim = held(step)
    if claim.last_start is not None:
        return _account(step, claim)
    if claim.unclear:
        return _find_orphans(step, claim)
    if not step.progress.run.settled_at:
        return _ask_for_unknown_tasks(step, claim)
    following: StepName = "Deregister" if step.request.kind == "Delete" else "Compare"
    return Outcome(following, next_task(step.progress, step.progress.run))


def _find_orphans(step: Step, claim: Claim) -> Outcome:
    """Look for certificates that no report names, when the registry shows them."""
    settled_at = max(task.ended_at for task in claim.unclear) + REGISTRY_LAG
    if time.time() < settled_at:
        return Outcome("Recover", step.progress, wait=5)
    entries, is_done = orphans.find(step, claim.unclear)
    if is_done:
        record_account(step, claim, ())
    run = replace(step.progress.run, entries=entries)
    return Outcome("Recover", replace(step.progress, run=run))


def _ask_for_unknown_tasks(step: Step, claim: Claim) -> Outcome:
    """Ask once for each run: a stack before this one may have had the same devices."""
    found = unknown_tasks(step)
    if found.unclear:
        record_account(step, claim, found.unclear)
    run = replace(step.progress.run, settled_at=found.settled_at)
    return Outcome("Recover", replace(step.progress, run=run))


def _account(step: Step, claim: Claim) -> Outcome:
    """Bring what the task of the last start did into the inventory."""
    progress, start = step.progress, claim.last_start
    declaration = step.request.declaration
    task = started(step.clients, declaration, start) if start else None
    if task is None or start is None:
        record_account(step, claim, claim.unclear)
        return Outcome("Recover", progress)
    request_id = input_request(declaration, start.input_key)
    sent = list(sent_lines.read(step.clients, declaration, sent_key(declaration, start.input_key)))
    progress, complete = saved_reports.save(step, task, request_id, len(sent))
    since = progress.finishing_since or time.time()
    progress = replace(progress, finishing_since=since)
    if not complete and time.time() - since < REPORTS_BUDGET:
        return Outcome("Recover", progress, wait=2)
    reports = progress.saved_reports.get("RESULTS", 0)
    found = accepted.entries(step, request_id, task.task_id, reports, sent)
    # They were not verified: they are sent once more.
    unverified = {line.thing_name for line in sent if line.thing_exists}
    reading = Reading(sent, found, unverified, complete)
    account = account_for(step, claim, task, reading, progress.run.entries)
    run = replace(progress.run, entries=account.entries)
    return Outcome("Recover", next_task(progress, run))
