"""Account for a task: what it did enters the state, and the head forgets its start."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.public_keys import certificate_id as id_of_pem
from thing_registration_worker.registry import searches
from thing_registration_worker.removal import exclusive_certificates
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.lines import Line
from thing_registration_worker.state.schema import LEAVING, REGISTERED, RETIRED
from thing_registration_worker.step import Step
from thing_registration_worker.tasks import own_task
from thing_registration_worker.tasks.failed_lines import FailedLine, failed_line
from thing_registration_worker.tasks.own_task import OwnTask


@dataclass(frozen=True)
class Reading:
    """What is known of what a task did.

    Attributes:
        task: the task, ended.
        own: what the state has of it.
        sent: the lines that it has read, in their order.
        accepted: what AWS has answered for each thing that it has registered.
        errors: the failures of the saved ERRORS.
        is_whole: whether the saved reports have as many lines as the task counts.
    """

    task: Task
    own: OwnTask
    sent: Sequence[Line]
    accepted: Mapping[str, Mapping[str, Any]]
    errors: Sequence[FailedLine]
    is_whole: bool


def read(step: Step, task: Task, own: OwnTask, *, is_whole: bool) -> Reading:
    """Read the saved reports of a task.

    Args:
        step: the step that asks.
        task: the task, ended.
        own: what the state has of it.
        is_whole: whether all of its reports are saved.
    """
    sent = sent_lines(step, own)
    accepted = {name: answer for answer in _results(step, own) if (name := thing_name(answer))}
    errors = [failed_line(raw) for raw in _report(step, own, "ERRORS", own.errors)]
    return Reading(task, own, sent, accepted, errors, is_whole)


def sent_lines(step: Step, own: OwnTask) -> list[Line]:
    """Return the lines that a task has read, in their order."""
    part, _, file = own.input_key.rpartition("/")[2].removesuffix(".jsonl").split("-")
    return lines.of_file(step.db, int(part), file)


def account(step: Step, reading: Reading, differing: Mapping[str, str]) -> list[str]:
    """Write what AWS has accepted, and where certificates may be left.

    Args:
        step: the step that asks; it forgets the head's start when it commits.
        reading: what is known of what the task did.
        differing: by the name of a thing that was registered and is not as declared, or may not
            be: what it has instead, empty where that is not known. It is sent again.

    Returns:
        A phrase for each of the first failed devices.
    """
    db, task, own, now = step.db, reading.task, reading.own, int(time.time())
    failed = _failures(reading)
    kind = step.request.declaration.template.certificate
    for line in reading.sent:
        answer = reading.accepted.get(line.name)
        if answer is None:
            _note_failure(step, line, failed.get(line.number, ""))
            continue
        before = devices.by_name(db, line.name)
        made = kind in ("csr", "pem") and not line.certificate_id
        accepted = Thing(
            id=0,
            name=line.name,
            state=_state(before, is_earlier=own.request != step.request.request_id),
            resources=None if line.name in differing else line.resources,
            key=line.key,
            certificate_id=line.certificate_id or certificate_id(answer) or line.given_id,
            thing_made=bool(before and before.thing_made) or not line.thing_exists,
            certificate_made=line.certificate_made or made,
            returned_by=before.returned_by if before else "",
            at=now,
        )
        devices.put(db, accepted)
        difference = differing.get(line.name, "")
        lines.settle(db, line.number, "differs" if difference else "registered", difference)
    left = [line for line in reading.sent if line.name not in reading.accepted]
    exclusive_certificates.attach_again(step, left)
    all_accepted = task.status == "Completed" and task.success_count == len(reading.sent)
    if not (reading.is_whole and all_accepted) and kind == "csr":
        searches.begin(db, own, left, ended_at=task.changed_at)
    db.execute("INSERT OR IGNORE INTO seen_task (task_id, at) VALUES (?, ?)", (own.task_id, now))
    own_task.put(db, replace(own, accounted=True, ended_at=task.changed_at or now))
    shown = [line for line in reading.sent if line.number in failed]
    return [f"line {line.number}, thing {line.name}: {failed[line.number]}" for line in shown] + [
        str(each) for each in _unplaced(reading)
    ]


def _state(before: Thing | None, *, is_earlier: bool) -> int:
    """Return the state of a thing that AWS has registered; a rollback may have retired it again."""
    if is_earlier and before is not None and before.state in (LEAVING, RETIRED):
        return before.state
    return REGISTERED


def _note_failure(step: Step, line: Line, failure: str) -> None:
    """Note that AWS has not accepted a line: what is registered of its thing is not known."""
    lines.settle(step.db, line.number, "failed", failure)
    step.db.execute(
        "UPDATE thing SET resources = NULL WHERE name = ? AND state = ?", (line.name, REGISTERED)
    )


def _results(step: Step, own: OwnTask) -> Iterator[Mapping[str, Any]]:
    for raw in _report(step, own, "RESULTS", own.results):
        try:
            answer = json.loads(raw).get("response")
        except (ValueError, AttributeError):
            continue
        if isinstance(answer, dict):
            yield answer


def _report(step: Step, own: OwnTask, kind: str, links: int) -> Iterator[bytes]:
    declaration = step.request.declaration
    for number in range(links):
        key = declaration.keys.report(own.request, own.task_id, kind, number)
        yield from s3.lines(step.clients.s3, declaration.bucket, key)


def _failures(reading: Reading) -> dict[int, str]:
    """Return AWS's message for each line that failed, by its number in the user's file."""
    base = _first_line_number(reading.own)
    found: dict[int, str] = {}
    for each in reading.errors:
        line = _line(reading, each, base)
        if line is not None:
            found.setdefault(line.number, each.message)
    return found


def _unplaced(reading: Reading) -> Iterator[FailedLine]:
    """Yield the failures of which it cannot be told whose line they are."""
    base = _first_line_number(reading.own)
    for each in reading.errors:
        if _line(reading, each, base) is None:
            yield each


def _line(reading: Reading, failed: FailedLine, base: int | None) -> Line | None:
    """Return the line that a failure is about; None where it cannot be told."""
    if failed.line_number is None or base is None:
        return None
    place = failed.line_number - base
    return reading.sent[place] if 0 <= place < len(reading.sent) else None


def _first_line_number(own: OwnTask) -> int | None:
    """Return the number that the reports give the first line; None where it cannot be told.

    AWS does not document whether it counts from 0 or 1: a 0 or the number of lines among the
    numbers of both reports decides.
    """
    if own.first_number == 0:
        return 0
    if own.last_number == own.lines:
        return 1
    return None


def thing_name(answer: Mapping[str, Any]) -> str:
    """Return the thing that AWS has registered; empty where the answer does not say."""
    return _of_kind(answer, ":thing/")


def certificate_id(answer: Mapping[str, Any]) -> str:
    """Return the id of the device's certificate; empty where the answer does not say."""
    try:
        return _of_kind(answer, ":cert/") or id_of_pem(str(answer.get("CertificatePem", "")))
    except UnreadableCertificate:
        return ""


def _of_kind(answer: Mapping[str, Any], mark: str) -> str:
    """Return the end of the ARN of a thing or certificate; its keys are the template's own."""
    arns = answer.get("ResourceArns")
    found = arns.values() if isinstance(arns, dict) else ()
    return next((str(arn).rpartition(mark)[2] for arn in found if mark in str(arn)), "")
