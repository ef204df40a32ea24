"""The step after a task has ended: judge it, keep its reports, and account for its devices."""

import time
from collections.abc import Sequence
from dataclasses import replace

from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.failure_reason import (
    counts_differ,
    ended,
    not_as_declared,
    reports_incomplete,
)
from thing_registration_worker.registry.verification import Verification, verify
from thing_registration_worker.run import sent_lines
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.run.run_end import conclude, record, tolerance
from thing_registration_worker.run.run_parts import after_file, sent_key
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state.claim import Claim, held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import accepted, saved_reports
from thing_registration_worker.tasks.account import Reading, account_for
from thing_registration_worker.tasks.failed_devices import SHOWN_FAILURES, first_failures
from thing_registration_worker.timing import COUNTS_BUDGET, REPORTS_BUDGET


def finish(step: Step) -> Outcome:
    """Judge the counts and remember the verdict; then copy the reports before AWS drops them.

    The verdict comes first: what was registered does not become a failure because a report cannot
    be saved. Its devices enter the inventory now, or by the Recover of the next request.

    Raises:
        Superseded: a newer request has the claim: nothing more is written.
    """
    claim = held(step)
    task = registration_tasks.describe(step.clients.iot, step.progress.task_id)
    if not step.progress.judged:
        return _judge(step, task)
    progress, complete = saved_reports.save(
        step, task, step.request.request_id, step.progress.lines
    )
    if not complete and time.time() - progress.finishing_since < REPORTS_BUDGET:
        return Outcome("Finish", progress, wait=2)
    if not complete:
        missing = reports_incomplete(progress.saved_lines, task)
        print(f"task {task.task_id}: {missing}")
        if progress.failure:
            progress = replace(progress, failure=f"{progress.failure}; {missing}")
    reading = _read(step, task, progress, complete=complete)
    checked = _verify(step, task, progress, reading)
    if checked.wait:
        return Outcome("Finish", progress, wait=checked.wait)
    progress = _account(step, claim, task, progress, reading, checked)
    following = None if _is_over(step, progress) else after_file(progress)
    return following or conclude(step, progress, task)


def _judge(step: Step, task: Task) -> Outcome:
    """Decide by the counts whether the deployment fails, and remember it.

    A task that has `Completed` may have failed for every device, and its counts may come late. A
    task that was given up before stays a failure.
    """
    progress, now = step.progress, time.time()
    progress = replace(progress, finishing_since=progress.finishing_since or now)
    failure = progress.failure
    counted = task.success_count + task.failure_count == progress.lines
    if not failure and task.status == "Completed" and not counted:
        if now - progress.finishing_since < COUNTS_BUDGET:
            return Outcome("Finish", progress, wait=2)
        failure = counts_differ(task, progress.lines)
    run = replace(
        progress.run,
        succeeded=progress.run.succeeded + task.success_count,
        failed=progress.run.failed + task.failure_count,
    )
    allowed = tolerance(step.request.declaration.max_failures, run.to_send)
    if not failure and (task.status != "Completed" or run.failed > allowed):
        failure = ended(task)
    progress = replace(progress, failure=failure, judged=True, finishing_since=now, run=run)
    record(step, progress, task)
    return Outcome("Finish", progress)


def _read(step: Step, task: Task, progress: Progress, *, complete: bool) -> Reading:
    """Read what the task was sent, and what AWS has accepted of it."""
    declaration, request_id = step.request.declaration, step.request.request_id
    key = sent_key(declaration, task.key)
    sent = list(sent_lines.read(step.clients, declaration, key))
    reports = progress.saved_reports.get("RESULTS", 0)
    found = accepted.entries(step, request_id, task.task_id, reports, sent)
    return Reading(sent, found, frozenset(), complete)


def _verify(step: Step, task: Task, progress: Progress, reading: Reading) -> Verification:
    """Verify what AWS has accepted, unless the run is given up: then the next one asks again."""
    names = {entry.thing_name for entry in reading.accepted}
    lines = [line for line in reading.sent if line.thing_exists and line.thing_name in names]
    if progress.failure:
        return Verification(0, {line.thing_name: "" for line in lines})
    return verify(step, task, lines)


def _account(
    step: Step,
    claim: Claim,
    task: Task,
    progress: Progress,
    reading: Reading,
    checked: Verification,
) -> Progress:
    """Bring what the task did into the inventory and into the counts of the run."""
    run, request_id = progress.run, step.request.request_id
    reading = replace(reading, unverified=checked.differing)
    account = account_for(step, claim, task, reading, run.entries)
    failures = run.failures
    if task.failure_count:
        failures += first_failures(step, request_id, task, progress, list(reading.sent))
    run = replace(
        run, entries=account.entries, registered=run.registered + account.new, failures=failures
    )
    if not progress.failure:
        run = _without_differing(run, reading.sent, checked)
    return replace(progress, run=run)


def _without_differing(run: Run, sent: Sequence[SentLine], checked: Verification) -> Run:
    """Count the things that are not as declared as failed."""
    phrases = [
        f"line {line.number}, thing {line.thing_name}: {not_as_declared(difference)}"
        for line in sent
        if (difference := checked.differing.get(line.thing_name))
    ]
    return replace(
        run,
        succeeded=run.succeeded - len(phrases),
        failed=run.failed + len(phrases),
        failures=(*run.failures, *phrases)[:SHOWN_FAILURES],
    )


def _is_over(step: Step, progress: Progress) -> bool:
    """Return whether nothing more of the run is sent, because it has failed."""
    run = progress.run
    allowed = tolerance(step.request.declaration.max_failures, run.to_send)
    return bool(progress.failure) or run.failed > allowed
