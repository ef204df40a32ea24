"""The inventory of a stack that version 0.1 deployed: seeded from what that version kept.

Version 0.1 kept no inventory, but the reports and the input of its last task, and a record of it.
They name the certificate of each device that AWS accepted, so the registry need not be asked.

What they lack is left to the look-up. Whether a thing was made or found by that version is not
known: so it counts as found, and is never deleted.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import accepted
import kept_inventory
import last_run
from aws import registration_tasks, s3
from aws.registration_tasks import Task
from claim import Claim, LastStart, Unclear
from fleet.inventory import Index
from fleet.inventory_entry import Entry
from fleet.public_keys import UnreadableCertificate, key_of_certificate
from fleet.resolved_device import ResolvedDevice, Resolver, UnresolvedDevice
from last_run import LastRun
from request import Declaration
from step import Step
from timing import LOOK_UP_CALL_BUDGET

# Parts end at fixed lines, so that a repeated call writes the same parts.
PART_LINES = 10_000
SAVED = "seeding.json"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Record:
    """What version 0.1 kept of its last task; the fingerprint is of what it was declared with."""

    task_id: str
    fingerprint: str
    status: str
    failure_count: int


@dataclass(frozen=True)
class Input:
    """What the task has read: the key of the file and the template; empty where it is not known."""

    key: str
    template_body: str


def record_to_seed_from(step: Step) -> Record | None:
    """Return the record of version 0.1; None where there is none, or all of it is seeded."""
    if last_run.recall(step.clients, step.request.declaration) is not None:
        return None
    return _record(step)


def seed(step: Step, claim: Claim, record: Record) -> None:
    """Write what the reports say, then what the devices of the input were, for so long as a call.

    The last act is the record of this version: until then, the next call goes on.
    """
    clients, declaration = step.clients, step.request.declaration
    key = declaration.keys.work(step.request.request_id, SAVED)
    saved = s3.read(clients.s3, declaration.bucket, key)
    # How many files were read, how many bytes of the next one, how many parts those made.
    done, offset, part = json.loads(saved) if saved else (0, 0, 0)
    end = time.time() + LOOK_UP_CALL_BUDGET
    for number, (file, entries_of) in enumerate(_files(step, claim, record)):
        if number < done:
            continue
        lines = s3.lines_from(clients.s3, declaration.bucket, file, offset)
        while chunk := list(islice(lines, PART_LINES)):
            kept_inventory.seed(step, number, part, entries_of(number, chunk))
            offset, part = offset + sum(map(len, chunk)), part + 1
            if time.time() > end:
                body = json.dumps((number, offset, part)).encode()
                s3.write(clients.s3, declaration.bucket, key, body)
                return
        offset, part = 0, 0
    last_run.begin(clients, declaration, LastRun("", record.task_id, record.status))


def is_first_input(declaration: Declaration, input_key: str) -> bool:
    """Return whether a task of version 0.1 reads this: it made no folder for each request."""
    return "/" not in input_key.removeprefix(declaration.keys.inputs)


def unclear(step: Step, start: LastStart, task: Task | None) -> tuple[Unclear, ...]:
    """Return the last task of version 0.1 if it may have made certificates without a thing.

    Args:
        step: the step that asks.
        start: the start of the task.
        task: the task; None where AWS has forgotten it, or never had it.
    """
    record = _record(step)
    known = task or (record if record is not None and record.task_id == start.task_id else None)
    if known is not None and known.status == "Completed" and not known.failure_count:
        return ()
    task_id = task.task_id if task else start.task_id
    if not task_id:
        return ()
    ended_at = task.changed_at if task else start.sent_at
    return (Unclear(task_id, start.input_key, start.sent_at, ended_at),)


def _record(step: Step) -> Record | None:
    declaration = step.request.declaration
    body = s3.read(step.clients.s3, declaration.bucket, declaration.keys.last_task)
    if body is None:
        return None
    kept = json.loads(body)
    return Record(kept["task_id"], kept["fingerprint"], kept["status"], kept["failure_count"])


def _files(
    step: Step, claim: Claim, record: Record
) -> list[tuple[str, Callable[[int, Iterable[bytes]], Iterator[Entry]]]]:
    """Return the files to read, in their order, each with what makes entries of its lines."""
    declaration, client = step.request.declaration, step.clients.s3
    reports = f"{declaration.keys.first_reports}{record.task_id}/RESULTS-"
    read = _input(step, claim, record)
    files: list[Any] = [
        (key, _accepted) for key in s3.keys_below(client, declaration.bucket, reports)
    ]
    if read.template_body and read.key in s3.keys_below(client, declaration.bucket, read.key):
        files.append((read.key, _Declared(step, read.template_body)))
    return files


def _input(step: Step, claim: Claim, record: Record) -> Input:
    """Return what the task has read, from what is kept, or else from AWS, which forgets tasks."""
    request, start = step.request, claim.last_start
    declarations = [each for each in (request.old_declaration, request.declaration) if each]
    template = next(
        (each.template_body for each in declarations if _fingerprint(each) == record.fingerprint),
        "",
    )
    key = start.input_key if start is not None and start.task_id == record.task_id else ""
    if template and key:
        return Input(key, template)
    task = registration_tasks.find(step.clients.iot, record.task_id)
    if task is None or task.bucket != request.declaration.bucket:
        return Input("", "")
    return Input(task.key, task.template_body)


def _fingerprint(declaration: Declaration) -> str:
    """Return the fingerprint by which version 0.1 decided whether a task had to run."""
    parts = [declaration.template_body, declaration.input_hash, declaration.role_arn]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _accepted(_number: int, lines: Iterable[bytes]) -> Iterator[Entry]:
    """Yield what AWS has accepted, of which it is not known yet what it was."""
    for response in accepted.responses(lines):
        thing_name = accepted.thing_name(response)
        if thing_name:
            yield Entry(
                "registered",
                thing_name,
                key=_key(response.get("CertificatePem")),
                certificate_id=accepted.certificate_id(response),
                at=int(time.time()),
            )


def _key(pem: object) -> str:
    """Return the key that AWS has certified; empty where the report does not show it."""
    try:
        return key_of_certificate(str(pem))
    except UnreadableCertificate:
        return ""


class _Declared:
    """What the accepted devices were declared as.

    Without the key, it is not known which of two lines of one name was accepted: then the look-up
    asks.
    """

    def __init__(self, step: Step, template_body: str) -> None:
        self._step = step
        self._resolver = Resolver(template_body)
        self._index: Index | None = None

    def __call__(self, number: int, lines: Iterable[bytes]) -> Iterator[Entry]:
        if self._index is None:
            self._index = kept_inventory.read_seed(self._step, number)
        for line in lines:
            try:
                device = self._resolver.resolve(line.removeprefix(_BYTE_ORDER_MARK))
            except (UnresolvedDevice, UnreadableCertificate):
                continue
            entry = self._index.by_name(device.thing_name)
            if entry is not None and _is_of(entry, device):
                yield replace(
                    entry,
                    resources_hash=device.resources_hash,
                    # Version 0.1 had each CSR certified.
                    certificate_made=device.certificate == "csr",
                )


def _is_of(entry: Entry, device: ResolvedDevice) -> bool:
    if device.certificate == "csr":
        return entry.key == device.key
    return device.certificate == "none" or entry.certificate_id == device.certificate_id
