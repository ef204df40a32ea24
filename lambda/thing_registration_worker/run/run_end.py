"""How a run ends: its verdict, its summary, and the record of it."""

import json
from dataclasses import asdict, replace

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.failure_reason import run_failed, too_many_failed
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.state import last_run
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.step import Outcome, Step


def conclude(step: Step, progress: Progress, task: Task | None = None) -> Outcome:
    """Write the summary and the record, and answer; deregister before what the file has no more.

    Args:
        step: the last step of the run.
        progress: its failure is that of the run; empty for none.
        task: the task that was the last to run; None for none.
    """
    request, declaration, run = step.request, step.request.declaration, progress.run
    allowed = tolerance(declaration.max_failures, run.to_send)
    if not progress.failure and run.failed > allowed:
        progress = replace(progress, failure=too_many_failed(run.failed))
    record(step, progress, task)
    if not progress.failure and run.deregistered < run.to_deregister:
        # Another failure than the run's: what is left is not judged yet.
        return Outcome("Deregister", replace(progress, judged=False))
    summary = {**asdict(run), "failure": progress.failure}
    key = f"{declaration.keys.run(request.request_id)}summary.json"
    s3.write(step.clients.s3, declaration.bucket, key, json.dumps(summary).encode())
    if not progress.failure:
        return Outcome("Answer", progress)
    uri = declaration.reports_uri(request.request_id)
    reason = run_failed(progress.failure, run, allowed, uri)
    return Outcome("Answer", replace(progress, failure=reason))


def record(step: Step, progress: Progress, task: Task | None = None) -> None:
    """Write what the attributes are read from; without a task, that of the run before stays."""
    run, declaration = progress.run, step.request.declaration
    before = last_run.recall(step.clients, declaration) or LastRun("")
    last_run.write(
        step.clients,
        declaration,
        LastRun(
            step.request.request_id,
            task.task_id if task else before.task_id,
            task.status if task else before.status,
            run.succeeded,
            run.failed,
            run.registered,
            run.unchanged,
            run.removed,
        ),
    )


def tolerance(max_failures: str, total: int) -> int:
    """Return how many devices may fail, from a count or a percentage of all (`5%`)."""
    if max_failures.endswith("%"):
        return int(total * float(max_failures[:-1]) / 100)
    return int(max_failures)
