"""The step after a task has ended: judge it, keep its reports, and account for its devices."""

import time
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
from thing_registration_worker.run import counts
from thing_registration_worker.run.conclusion import conclude, last_run, tolerance
from thing_registration_worker.run.parts import after_file, file_name
from thing_registration_worker.run.run import Run
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import accounting, own_task, saved_reports
from thing_registration_worker.tasks.accounting import Reading
from thing_registration_worker.tasks.own_task import OwnTask
from thing_registration_worker.timing import COUNTS_BUDGET, REPORTS_BUDGET


def finish(step: Step) -> Outcome:
    """Judge the counts and remember the verdict; then copy the reports before AWS drops them.

    The verdict comes first: what was registered does not become a failure because a report cannot
    be saved. Its devices enter the state now, or by the Recover of the next request.

    Raises:
        Superseded: a newer request has the head: nothing more is written.
    """
    task = registration_tasks.describe(step.clients.iot, step.run.task_id)
    own = _own(step, task)
    if not step.run.judged:
        return _judge(step, task, own)
    saved, is_whole = saved_reports.save(step, task, own)
    if saved != own:
        own_task.put(step.db, saved)
    run = step.run if saved == own else replace(step.run, finishing_since=time.time())
    if not is_whole and time.time() - run.finishing_since < REPORTS_BUDGET:
        return Outcome("Finish", run, wait=2)
    failure = step.call.failure
    if not is_whole:
        missing = reports_incomplete(saved.result_lines, saved.error_lines, task)
        print(f"task {task.task_id}: {missing}")
        failure = f"{failure}; {missing}" if failure else ""
    reading = accounting.read(step, task, saved, is_whole=is_whole)
    checked = _verify(step, task, reading)
    if checked.wait:
        return Outcome("Finish", run, wait=checked.wait)
    run = _account(step, run, reading, checked)
    following = None if _is_over(step) else after_file(run)
    outcome = following or conclude(step, run, failure, task)
    return replace(outcome, head={**outcome.head, "start": None})


def _own(step: Step, task: Task) -> OwnTask:
    """Return what the state has of the task, also where the state was lost meanwhile."""
    request = step.request
    key = request.declaration.keys.input(request.request_id, file_name(step.run))
    found = own_task.find(step.db, key)
    return found or OwnTask(key, request.request_id, task.task_id, 0, task.created_at)


def _judge(step: Step, task: Task, own: OwnTask) -> Outcome:
    """Decide by the counts whether the deployment fails, and remember it.

    A task that has `Completed` may have failed for every device, and its counts may come late. A
    task that was given up before stays a failure.
    """
    now = time.time()
    run = replace(step.run, finishing_since=step.run.finishing_since or now)
    failure = step.call.failure
    counted = task.success_count + task.failure_count == own.lines
    if not failure and task.status == "Completed" and not counted:
        if now - run.finishing_since < COUNTS_BUDGET:
            return Outcome("Finish", run, wait=2)
        failure = counts_differ(task, own.lines)
    judged = replace(
        own, status=task.status, succeeded=task.success_count, failed=task.failure_count
    )
    own_task.put(step.db, judged)
    sent = counts.count(step.db, step.request.request_id)
    allowed = tolerance(step.request.declaration.max_failures, sent.to_send)
    if not failure and (task.status != "Completed" or sent.failed > allowed):
        failure = ended(task)
    run = replace(run, judged=True, finishing_since=now)
    head = {"last_run": last_run(step, run, sent, task)}
    return Outcome("Finish", run, failure=failure, head=head)


def _verify(step: Step, task: Task, reading: Reading) -> Verification:
    """Verify what AWS has accepted, unless the run is given up: then the next one asks again."""
    accepted = [
        line for line in reading.sent if line.thing_exists and line.name in reading.accepted
    ]
    if step.call.failure:
        return Verification(0, {line.name: "" for line in accepted})
    return verify(step, task, accepted)


def _account(step: Step, run: Run, reading: Reading, checked: Verification) -> Run:
    """Bring what the task did into the state, and its failures into the run."""
    differing = {
        name: not_as_declared(difference) if difference else ""
        for name, difference in checked.differing.items()
    }
    for failure in accounting.account(step, reading, differing):
        run = run.with_failure(failure)
    for line in reading.sent:
        if differing.get(line.name):
            run = run.with_failure(f"line {line.number}, thing {line.name}: {differing[line.name]}")
    return run


def _is_over(step: Step) -> bool:
    """Return whether nothing more of the run is sent, because it has failed."""
    sent = counts.count(step.db, step.request.request_id)
    allowed = tolerance(step.request.declaration.max_failures, sent.to_send)
    return bool(step.call.failure) or sent.failed > allowed
