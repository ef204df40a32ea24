"""Judge an ended task, in the words that `cdk deploy` shows."""

from itertools import islice
from typing import TYPE_CHECKING

import bucket
from failed_lines import failed_line, name_things, thing_name_parameter
from registration_tasks import Task
from request import Request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHOWN_FAILURES = 5
# So many lines of the input are read to tell a device's name by its line number.
NAMED_WITHIN = 100_000


def verdict(s3: "S3Client", request: Request, task: Task, failure: str = "") -> str:
    """Return why the deployment fails, or nothing when the devices are registered.

    A task that has `Completed` may have failed for every device: its failure count decides.

    Args:
        s3: reads the reports that were saved.
        request: declares how many things may fail.
        task: the task, ended.
        failure: why it was given up, where it was.
    """
    allowed = tolerance(request.declaration.max_failures, task.success_count + task.failure_count)
    if not failure and task.status == "Completed" and task.failure_count <= allowed:
        return ""
    prefix = request.declaration.reports_prefix(task.task_id)
    uri = f"s3://{request.declaration.bucket}/{prefix}"
    if not failure:
        failure = f"registration task {task.task_id} ended {task.status}"
        if task.message:
            failure += f" ({task.message[:1000]})"
    counts = f"{task.success_count} things registered, {task.failure_count} failed"
    text = f"{failure}; {counts}, {allowed} may fail; reports: {uri}"
    failures = _first_failures(s3, request, f"{prefix}ERRORS-0.jsonl")
    if failures:
        text += f"; first failures: {'; '.join(failures)}"
    return text


def tolerance(max_failures: str, total: int) -> int:
    """Return how many things may fail, from a count or a percentage of all (`5%`)."""
    if max_failures.endswith("%"):
        return int(total * float(max_failures[:-1]) / 100)
    return int(max_failures)


def _first_failures(s3: "S3Client", request: Request, errors_key: str) -> list[str]:
    name = request.declaration.bucket
    failed = [
        failed_line(raw) for raw in islice(bucket.lines(s3, name, errors_key), SHOWN_FAILURES)
    ]
    input_lines = islice(bucket.lines(s3, name, request.input_key), NAMED_WITHIN)
    parameter = thing_name_parameter(request.declaration.template_body)
    return [str(line) for line in name_things(failed, input_lines, parameter)]
