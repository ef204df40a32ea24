"""The step after the task has ended: judge it, then keep its reports."""

import http.client
import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

import last_task
from aws import registration_tasks, s3
from aws.registration_tasks import Task
from claim import held
from failed_lines import FailedLine, failed_line, name_things, thing_name_parameter
from failure_reason import counts_differ, ended, judged, reports_incomplete
from progress import Progress
from step import Outcome, Step
from timing import COUNTS_BUDGET, REPORTS_BUDGET, REPORTS_CALL_BUDGET

if TYPE_CHECKING:
    from mypy_boto3_iot.literals import ReportTypeType

SHOWN_FAILURES = 5
# So many lines of the input are read to find a device's name by its line number.
NAMED_WITHIN = 100_000


def finish(step: Step) -> Outcome:
    """Judge the counts and remember the verdict; then copy the reports before AWS drops them.

    The verdict comes first: what was registered does not become a failure, and is not registered
    again by the next deployment, because a report cannot be saved.

    Raises:
        Superseded: a newer request has the claim: nothing more is written.
    """
    held(step)
    task = registration_tasks.describe(step.clients.iot, step.progress.task_id)
    if not step.progress.judged:
        return _judge(step, task)
    progress, complete = _save_reports(step, task)
    if not complete:
        if time.time() - progress.finishing_since < REPORTS_BUDGET:
            return Outcome("Finish", progress, wait=2)
        missing = reports_incomplete(progress.saved_lines, task)
        print(f"task {task.task_id}: {missing}")
        if progress.failure:
            progress = replace(progress, failure=f"{progress.failure}; {missing}")
    if not progress.failure:
        return Outcome("Answer", progress)
    declaration = step.request.declaration
    reason = judged(
        progress.failure,
        task,
        tolerance(declaration.max_failures, progress.lines),
        declaration.reports_uri(task.task_id),
        _first_failures(step, progress),
    )
    return Outcome("Answer", replace(progress, failure=reason))


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
    allowed = tolerance(step.request.declaration.max_failures, progress.lines)
    if not failure and (task.status != "Completed" or task.failure_count > allowed):
        failure = ended(task)
    last_task.remember(step.clients, step.request, task, succeeded=not failure)
    return Outcome("Finish", replace(progress, failure=failure, judged=True, finishing_since=now))


def tolerance(max_failures: str, total: int) -> int:
    """Return how many devices may fail, from a count or a percentage of all (`5%`)."""
    if max_failures.endswith("%"):
        return int(total * float(max_failures[:-1]) / 100)
    return int(max_failures)


def _first_failures(step: Step, progress: Progress) -> list[FailedLine]:
    client, declaration = step.clients.s3, step.request.declaration
    key = declaration.keys.report(progress.task_id, "ERRORS", 0)
    report = s3.lines(client, declaration.bucket, key)
    failed = [failed_line(raw) for raw in islice(report, SHOWN_FAILURES)]
    base = _first_line_number(progress)
    if base is None:
        return failed
    input_lines = s3.lines(client, declaration.bucket, step.request.task_input_key)
    parameter = thing_name_parameter(declaration.template_body)
    return name_things(failed, islice(input_lines, NAMED_WITHIN), parameter, base)


def _first_line_number(progress: Progress) -> int | None:
    """Return the number that the reports give the first line; None where it cannot be told.

    AWS does not document whether it counts from 0 or 1: a 0 or the number of lines among the
    numbers of both reports decides.
    """
    if progress.first_number == 0:
        return 0
    if progress.last_number == progress.lines:
        return 1
    return None


def _save_reports(step: Step, task: Task) -> tuple[Progress, bool]:
    """Save what is not saved yet; also return whether the lines are as many as the counts say."""
    began = time.time()
    progress = step.progress
    kinds: tuple[tuple[ReportTypeType, int], ...] = (
        ("RESULTS", task.success_count),
        ("ERRORS", task.failure_count),
    )
    for kind, count in kinds:
        if progress.saved_lines.get(kind, 0) >= count:
            continue
        links = registration_tasks.report_links(step.clients.iot, task.task_id, kind)
        for number, link in enumerate(links):
            if number < progress.saved_reports.get(kind, 0):
                continue
            if time.time() - began > REPORTS_CALL_BUDGET:
                break
            saved = _save(step, progress, kind, number, link)
            if saved is None:
                break
            progress = saved
    complete = all(progress.saved_lines.get(kind, 0) >= count for kind, count in kinds)
    return progress, complete


def _save(step: Step, progress: Progress, kind: str, number: int, link: str) -> Progress | None:
    """Save one link; None when it is expired or broken, so that it must be listed again."""
    declaration = step.request.declaration
    key = declaration.keys.report(progress.task_id, kind, number)
    try:
        report = s3.save_link(step.clients.s3, link, declaration.bucket, key)
    except (OSError, http.client.HTTPException, ClientError) as error:
        print(f"task {progress.task_id}: {kind} link {number} could not be saved: {error}")
        return None
    numbers = [n for n in (progress.first_number, report.first_number) if n >= 0]
    return replace(
        progress,
        saved_reports={**progress.saved_reports, kind: number + 1},
        saved_lines={
            **progress.saved_lines,
            kind: progress.saved_lines.get(kind, 0) + report.lines,
        },
        first_number=min(numbers, default=-1),
        last_number=max(progress.last_number, report.last_number),
        finishing_since=time.time(),
    )
