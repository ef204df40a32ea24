"""The step after the task has ended: keep its reports, then judge it."""

import http.client
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import bucket
import last_task
import registration_tasks
from progress import Outcome, Progress
from registration_tasks import Task
from step import Step
from verdict import verdict

if TYPE_CHECKING:
    from mypy_boto3_iot.literals import ReportTypeType

# Reports may come after the task's end; how late is not documented.
PATIENCE = 60
# One call copies for so long and leaves the other links to the next.
CALL_BUDGET = 40


def finish(step: Step) -> Outcome:
    """Copy RESULTS and ERRORS into the bucket before AWS drops them, and judge the counts."""
    task = registration_tasks.describe(step.clients.iot, step.progress.task_id)
    progress, complete = _save_reports(step, task)
    if not complete:
        if time.time() - progress.finishing_since < PATIENCE:
            return Outcome("Finish", progress, wait=2)
        print(f"task {task.task_id}: reports are missing, saved {dict(progress.saved_reports)}")
    failure = verdict(step.clients.s3, step.request, task, progress.failure)
    last_task.remember(step.clients, step.request, task, succeeded=not failure)
    return Outcome("Answer", replace(progress, failure=failure))


def _save_reports(step: Step, task: Task) -> tuple[Progress, bool]:
    """Save what is not saved yet; also return whether that is all there must be."""
    began = time.time()
    saved = dict(step.progress.saved_reports)
    complete = True
    kinds: tuple[tuple[ReportTypeType, int], ...] = (
        ("RESULTS", task.success_count),
        ("ERRORS", task.failure_count),
    )
    for kind, count in kinds:
        links = registration_tasks.report_links(step.clients.iot, task.task_id, kind)
        for number, link in enumerate(links):
            if number < saved.get(kind, 0):
                continue
            if time.time() - began > CALL_BUDGET or not _save(step, task, kind, number, link):
                complete = False
                break
            saved[kind] = number + 1
        complete = complete and (count == 0 or bool(links))
    moved = saved != step.progress.saved_reports or not step.progress.finishing_since
    since = time.time() if moved else step.progress.finishing_since
    return replace(step.progress, saved_reports=saved, finishing_since=since), complete


def _save(step: Step, task: Task, kind: str, number: int, link: str) -> bool:
    """Save one link; False when it has expired, or is not there yet, and must be listed again."""
    declaration = step.request.declaration
    key = f"{declaration.reports_prefix(task.task_id)}{kind}-{number}.jsonl"
    try:
        bucket.save_link(step.clients.s3, link, declaration.bucket, key)
    except (OSError, http.client.HTTPException) as error:
        print(f"task {task.task_id}: {kind} link {number} could not be read: {error}")
        return False
    return True
