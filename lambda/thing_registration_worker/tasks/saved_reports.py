"""Keep the reports of an ended task in the bucket, before AWS drops them."""

import http.client
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker.aws import registration_tasks, s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.step import Step
from thing_registration_worker.tasks.own_task import OwnTask

if TYPE_CHECKING:
    from mypy_boto3_iot.literals import ReportTypeType


def save(step: Step, task: Task, own: OwnTask) -> tuple[OwnTask, bool]:
    """Save what is not saved yet; also return whether the lines are as many as the counts say.

    Counts of a completed task that are not those of its input tell nothing about the reports.

    Args:
        step: the step that saves.
        task: the task, ended.
        own: what is saved of it.
    """
    total = task.success_count + task.failure_count
    counted = task.status != "Completed" or total == own.lines or not own.lines
    if not (counted and own.result_lines >= task.success_count):
        own = _save_links(step, own, "RESULTS")
    if not (counted and own.error_lines >= task.failure_count):
        own = _save_links(step, own, "ERRORS")
    if not counted:
        return own, own.result_lines + own.error_lines >= own.lines
    is_whole = own.result_lines >= task.success_count and own.error_lines >= task.failure_count
    return own, is_whole


def _save_links(step: Step, own: OwnTask, kind: "ReportTypeType") -> OwnTask:
    done = own.results if kind == "RESULTS" else own.errors
    links = registration_tasks.report_links(step.clients.iot, own.task_id, kind)
    for number, link in enumerate(links):
        if number < done:
            continue
        if step.is_over and number > done:
            break
        saved = _save(step, own, kind, number, link)
        if saved is None:
            break
        own = saved
    return own


def _save(
    step: Step, own: OwnTask, kind: "ReportTypeType", number: int, link: str
) -> OwnTask | None:
    """Save one link; None when it is expired or broken, so that it must be listed again."""
    declaration = step.request.declaration
    key = declaration.keys.report(own.request, own.task_id, kind, number)
    try:
        report = s3.save_link(step.clients.s3, link, declaration.bucket, key)
    except (OSError, http.client.HTTPException, ClientError) as error:
        print(f"{key} could not be saved: {error}")
        return None
    numbers = [n for n in (own.first_number, report.first_number) if n >= 0]
    own = replace(
        own,
        first_number=min(numbers, default=-1),
        last_number=max(own.last_number, report.last_number),
    )
    if kind == "RESULTS":
        return replace(own, results=own.results + 1, result_lines=own.result_lines + report.lines)
    return replace(own, errors=own.errors + 1, error_lines=own.error_lines + report.lines)
