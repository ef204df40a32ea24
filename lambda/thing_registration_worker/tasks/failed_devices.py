"""The first devices that a task has failed to register, as the user is told of them."""

from itertools import islice

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.step import Step
from thing_registration_worker.tasks.failed_lines import FailedLine, failed_line

SHOWN_FAILURES = 5


def first_failures(
    step: Step, request_id: str, task: Task, progress: Progress, sent: list[SentLine]
) -> tuple[str, ...]:
    """Return a phrase for each of the first failed devices, by the line of the user's file."""
    room = SHOWN_FAILURES - len(progress.run.failures)
    declaration = step.request.declaration
    key = declaration.keys.report(request_id, task.task_id, "ERRORS", 0)
    report = s3.lines(step.clients.s3, declaration.bucket, key)
    failed = [failed_line(raw) for raw in islice(report, max(room, 0))]
    base = _first_line_number(progress)
    return tuple(str(_named(line, sent, base)) for line in failed)


def _named(line: FailedLine, sent: list[SentLine], base: int | None) -> FailedLine:
    """Add the device, and the number of its line in the user's file, where they can be told."""
    if line.line_number is None or base is None:
        return line
    place = line.line_number - base
    if not 0 <= place < len(sent):
        return line
    name = line.thing_name or sent[place].thing_name
    return FailedLine(sent[place].number, name, line.message)


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
