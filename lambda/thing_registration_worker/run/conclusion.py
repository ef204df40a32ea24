"""How a run ends: its verdict, its summary, and the record of it."""

import json
from dataclasses import replace

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.failure_reason import run_failed, too_many_failed
from thing_registration_worker.run.counts import Counts, count, registered
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.step import Outcome, Step


def conclude(step: Step, run: Run, failure: str = "", task: Task | None = None) -> Outcome:
    """Write the summary and the record, and answer; deregister before what the file has no more.

    Args:
        step: the last step of the run.
        run: what the run has come to.
        failure: that of the run; empty for none.
        task: the task that was the last to run; None for none.
    """
    request, declaration = step.request, step.request.declaration
    counts = count(step.db, request.request_id)
    allowed = tolerance(declaration.max_failures, counts.to_send)
    if not failure and counts.failed > allowed:
        failure = too_many_failed(counts.failed)
    record = last_run(step, run, counts, task)
    if not failure and run.deregistered < run.to_deregister:
        # Another failure than the run's: what is left is not judged yet.
        following = replace(run, judged=False)
        return Outcome("Deregister", following, head={"last_run": record})
    write_summary(step, run, counts, record, failure)
    if failure:
        uri = declaration.reports_uri(request.request_id)
        failure = run_failed(failure, counts, run.failures, allowed, uri)
    return Outcome("Answer", run, failure=failure, fold=True, head={"last_run": record})


def last_run(step: Step, run: Run, counts: Counts, task: Task | None) -> LastRun:
    """Return what the attributes are read from; without a task, that of the run before stays."""
    before = step.held.last_run
    return LastRun(
        step.request.request_id,
        task.task_id if task else before.task_id,
        task.status if task else before.status,
        counts.succeeded,
        counts.failed,
        registered(step.db),
        run.unchanged + counts.kept,
        run.removed,
    )


def write_summary(step: Step, run: Run, counts: Counts, record: LastRun, failure: str) -> None:
    """Write what the run came to beside its reports, for the user."""
    summary = {
        "lines": run.lines,
        "to_send": counts.to_send,
        "succeeded": record.succeeded,
        "failed": record.failed,
        "unchanged": record.unchanged,
        "unread": run.unread,
        "removed": record.removed,
        "retired": run.retired,
        "not_deregistered": run.not_deregistered,
        "registered": record.registered,
        "failures": run.failures,
        "failure": failure,
    }
    declaration = step.request.declaration
    key = f"{declaration.keys.run(step.request.request_id)}summary.json"
    s3.write(step.clients.s3, declaration.bucket, key, json.dumps(summary).encode())


def tolerance(max_failures: str, total: int) -> int:
    """Return how many devices may fail, from a count or a percentage of all (`5%`)."""
    if max_failures.endswith("%"):
        return int(total * float(max_failures[:-1]) / 100)
    return int(max_failures)
