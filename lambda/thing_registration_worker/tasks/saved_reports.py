"""Keep the reports of an ended task in the bucket, before AWS drops them."""

import http.client
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker.aws import registration_tasks, s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.step import Step
from thing_registration_worker.timing import REPORTS_CALL_BUDGET

if TYPE_CHECKING:
    from mypy_boto3_iot.literals import ReportTypeType


def save(step: Step, task: Task, request_id: str, lines: int) -> tuple[Progress, bool]:
    """Save what is not saved yet; also return whether the lines are as many as the counts say.

    Counts of a completed task that are not those of its input tell nothing about the reports.

    Args:
        step: its progress says what is saved.
        task: the task.
        request_id: the request that has started it.
        lines: how many lines its input has; 0 where that is not known.
    """
    total = task.success_count + task.failure_count
    counted = task.status != "Completed" or total == lines or not lines
    began = time.time()
    progress = step.progress
    kinds: tuple[tuple[ReportTypeType, int], ...] = (
        ("RESULTS", task.success_count),
        ("ERRORS", task.failure_count),
    )
    for kind, count in kinds:
        if counted and progress.saved_lines.get(kind, 0) >= count:
            continue
        links = registration_tasks.report_links(step.clients.iot, task.task_id, kind)
        for number, link in enumerate(links):
            if number < progress.saved_reports.get(kind, 0):
                continue
            if time.time() - began > REPORTS_CALL_BUDGET:
                break
            key = step.request.declaration.keys.report(request_id, task.task_id, kind, number)
            saved = _save(step, progress, key, kind, link)
            if saved is None:
                break
            progress = saved
    if not counted:
        return progress, sum(progress.saved_lines.values()) >= lines
    return progress, all(progress.saved_lines.get(kind, 0) >= count for kind, count in kinds)


def _save(step: Step, progress: Progress, key: str, kind: str, link: str) -> Progress | None:
    """Save one link; None when it is expired or broken, so that it must be listed again."""
    try:
        report = s3.save_link(step.clients.s3, link, step.request.declaration.bucket, key)
    except (OSError, http.client.HTTPException, ClientError) as error:
        print(f"{key} could not be saved: {error}")
        return None
    numbers = [n for n in (progress.first_number, report.first_number) if n >= 0]
    return replace(
        progress,
        saved_reports={**progress.saved_reports, kind: progress.saved_reports.get(kind, 0) + 1},
        saved_lines={
            **progress.saved_lines,
            kind: progress.saved_lines.get(kind, 0) + report.lines,
        },
        first_number=min(numbers, default=-1),
        last_number=max(progress.last_number, report.last_number),
        finishing_since=time.time(),
    )
