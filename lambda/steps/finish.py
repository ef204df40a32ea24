"""The step after the task has ended: keep its reports, then judge it."""

import http.client
import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import last_task
from aws import registration_tasks, s3
from aws.registration_tasks import Task
from failed_lines import FailedLine, failed_line, name_things, thing_name_parameter
from failure_reason import ended, judged
from progress import Progress
from step import Outcome, Step
from timing import REPORTS_BUDGET, REPORTS_CALL_BUDGET

if TYPE_CHECKING:
    from mypy_boto3_iot.literals import ReportTypeType

SHOWN_FAILURES = 5
# So many lines of the input are read to find a device's name by its line number.
NAMED_WITHIN = 100_000


def finish(step: Step) -> Outcome:
    """Copy RESULTS and ERRORS into the bucket before AWS drops them, and judge the counts."""
    task = registration_tasks.describe(step.clients.iot, step.progress.task_id)
    progress, complete = _save_reports(step, task)
    if not complete:
        if time.time() - progress.finishing_since < REPORTS_BUDGET:
            return Outcome("Finish", progress, wait=2)
        print(f"task {task.task_id}: reports are missing, saved {dict(progress.saved_reports)}")
    failure = judge(step, task)
    last_task.remember(step.clients, step.request, task, succeeded=not failure)
    return Outcome("Answer", replace(progress, failure=failure))


def judge(step: Step, task: Task) -> str:
    """Return why the deployment fails, or nothing when the devices are registered.

    A task that has `Completed` may have failed for every device: its failure count decides. A task
    that was given up before stays a failure.
    """
    declaration = step.request.declaration
    allowed = tolerance(declaration.max_failures, task.success_count + task.failure_count)
    given_up = step.progress.failure
    if not given_up and task.status == "Completed" and task.failure_count <= allowed:
        return ""
    reports_uri = declaration.reports_uri(task.task_id)
    failed = _first_failures(step, task.task_id)
    return judged(given_up or ended(task), task, allowed, reports_uri, failed)


def tolerance(max_failures: str, total: int) -> int:
    """Return how many devices may fail, from a count or a percentage of all (`5%`)."""
    if max_failures.endswith("%"):
        return int(total * float(max_failures[:-1]) / 100)
    return int(max_failures)


def _first_failures(step: Step, task_id: str) -> list[FailedLine]:
    client, declaration = step.clients.s3, step.request.declaration
    report = s3.lines(client, declaration.bucket, declaration.keys.report(task_id, "ERRORS", 0))
    failed = [failed_line(raw) for raw in islice(report, SHOWN_FAILURES)]
    input_lines = s3.lines(client, declaration.bucket, step.request.task_input_key)
    parameter = thing_name_parameter(declaration.template_body)
    return name_things(failed, islice(input_lines, NAMED_WITHIN), parameter)


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
            out_of_time = time.time() - began > REPORTS_CALL_BUDGET
            if out_of_time or not _save(step, task, kind, number, link):
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
    key = declaration.keys.report(task.task_id, kind, number)
    try:
        s3.save_link(step.clients.s3, link, declaration.bucket, key)
    except (OSError, http.client.HTTPException) as error:
        print(f"task {task.task_id}: {kind} link {number} could not be read: {error}")
        return False
    return True
