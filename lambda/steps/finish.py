"""The step after a task has ended: judge it, keep its reports, and account for its devices."""

import time
from dataclasses import replace

import saved_reports
from account import account_for
from aws import registration_tasks
from aws.registration_tasks import Task
from claim import Claim, held
from failed_devices import first_failures
from failure_reason import counts_differ, ended, reports_incomplete
from progress import Progress
from run_end import conclude, record, tolerance
from run_parts import after_file
from step import Outcome, Step
from timing import COUNTS_BUDGET, REPORTS_BUDGET


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
    progress, complete = saved_reports.save(step, task, step.request.request_id)
    if not complete and time.time() - progress.finishing_since < REPORTS_BUDGET:
        return Outcome("Finish", progress, wait=2)
    if not complete:
        missing = reports_incomplete(progress.saved_lines, task)
        print(f"task {task.task_id}: {missing}")
        if progress.failure:
            progress = replace(progress, failure=f"{progress.failure}; {missing}")
    progress = _account(step, claim, task, progress, complete=complete)
    if progress.failure:
        return conclude(step, progress, task)
    following = after_file(progress)
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


def _account(
    step: Step, claim: Claim, task: Task, progress: Progress, *, complete: bool
) -> Progress:
    """Bring what the task did into the inventory and into the counts of the run."""
    run, request_id = progress.run, step.request.request_id
    reports = progress.saved_reports.get("RESULTS", 0)
    account = account_for(step, claim, task, reports, run.entries, complete=complete)
    failures = run.failures
    if task.failure_count:
        failures += first_failures(step, request_id, task, progress, account.sent)
    run = replace(
        run, entries=account.entries, registered=run.registered + account.new, failures=failures
    )
    return replace(progress, run=run)
