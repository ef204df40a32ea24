"""The step before the tasks of a part: which of its keys has AWS certified already?"""

import math
import time
from dataclasses import dataclass, replace

import kept_inventory
import sent_lines
import slot
from aws import deregistration, registration_tasks, registry, s3
from aws.registration_tasks import RUNNING
from claim import held
from failure_reason import not_active
from fleet.declared_status import INACTIVE, certificate_status
from fleet.inventory_entry import Entry
from look_up import entry as entry_of
from look_up import look_up as find_device
from own_tasks import CERTIFICATE_ID, KNOWN, NEW
from progress import Run
from run_end import conclude
from run_parts import after_part, decided_key, next_task, part_key
from sent_lines import SentLine
from step import Outcome, Step
from timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG
from unknown_tasks import last_unknown_end

SHOWN_FAILURES = 5


@dataclass(frozen=True)
class Decision:
    """What is done with a line: `file` is `new` or `known`; empty, it is not sent."""

    line: SentLine
    file: str
    entry: Entry | None = None
    failure: str = ""


def look_up(step: Step) -> Outcome:
    """Decide for each line of the part, for so long as a call may take; then write its files.

    A key is certified once: a line whose key has a certificate goes into the file that gives its
    id. A certificate that is not active is not brought back: its line is not sent.

    Raises:
        Superseded: a newer request has the claim.
    """
    held(step)
    end = time.time() + LOOK_UP_CALL_BUDGET
    clients, declaration, run = step.clients, step.request.declaration, step.progress.run
    request_id = step.request.request_id
    part = list(sent_lines.read(clients, declaration, part_key(declaration, request_id, run.part)))
    if not run.decided:
        waiting = _wait(step, part)
        if waiting is not None:
            return waiting
    files = {
        file: list(
            sent_lines.read(
                clients, declaration, decided_key(declaration, request_id, run.part, file)
            )
        )
        if run.decided
        else []
        for file in (NEW, KNOWN)
    }
    # Before the first is brought back: it is retired again if its line is never registered.
    returning = [line.retiring(time.time()) for line in part[run.decided :] if line.is_retired]
    run = replace(run, entries=kept_inventory.append(step, run.entries, returning))
    entries = []
    for line in part[run.decided :]:
        if time.time() > end:
            break
        decision = _decide(step, line)
        if decision.file:
            files[decision.file].append(decision.line)
        else:
            run = _failed(run, decision)
        if decision.entry is not None:
            entries.append(decision.entry)
        run = replace(run, decided=run.decided + 1)
    for file, lines in files.items():
        key = decided_key(declaration, request_id, run.part, file)
        sent_lines.write(clients, declaration, key, lines)
    run = replace(run, entries=kept_inventory.append(step, run.entries, entries))
    if run.decided < len(part):
        return Outcome("LookUp", replace(step.progress, run=run))
    return _send(step, run, files)


def _wait(step: Step, part: list[SentLine]) -> Outcome | None:
    """Wait while the registry does not show yet what a task does or has done; None to go on."""
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if running:
        return slot.wait(step.progress, running)
    is_asked = any(line.may_have_certificate and not line.certificate_id for line in part)
    if step.progress.run.part or not is_asked:
        return None
    settled_at = last_unknown_end(step) + REGISTRY_LAG
    if time.time() >= settled_at:
        return None
    return Outcome("LookUp", step.progress, wait=math.ceil(settled_at - time.time()))


def _decide(step: Step, line: SentLine) -> Decision:
    iot = step.clients.iot
    if not line.thing_exists and (line.certificate_id or not line.may_have_certificate):
        # A thing of somebody else's is never ours, whatever certificate it gets.
        line = replace(line, thing_exists=registry.thing_exists(iot, line.thing_name))
    if not line.may_have_certificate:
        return Decision(line, NEW)
    if line.certificate_id:
        certificate = registry.certificate(iot, line.certificate_id)
        if certificate is None:
            # Someone has deleted it: its key has none.
            return Decision(replace(line, certificate_id="", certificate_made=False), NEW)
        return _by_status(step, line, line.certificate_id, certificate.status)
    found = find_device(iot, line.device)
    line = replace(line, thing_exists=found.thing_exists)
    entry = replace(entry_of(line.device, found, time.time()), thing_made=line.thing_made)
    if found.certificate is None:
        return Decision(line, NEW, entry)
    known = replace(line, certificate_id=found.certificate.certificate_id)
    status = found.certificate.status
    decision = _by_status(step, known, known.certificate_id, status)
    return replace(decision, entry=entry)


def _by_status(step: Step, line: SentLine, certificate_id: str, status: str) -> Decision:
    """Decide by the status that AWS has; one that the line itself asks for brings nothing back.

    What we have retired comes back with its line.
    """
    body = step.request.declaration.template_body
    if line.is_retired and status == INACTIVE and certificate_status(body, line.text) != INACTIVE:
        deregistration.set_status(step.clients.iot, certificate_id, "ACTIVE")
        return Decision(line, KNOWN)
    if status not in (registry.ACTIVE, certificate_status(body, line.text)):
        failure = f"line {line.number}: {not_active(line.thing_name, certificate_id, status)}"
        return Decision(line, "", failure=failure)
    return Decision(line, KNOWN)


def _failed(run: Run, decision: Decision) -> Run:
    failures = (*run.failures, decision.failure)[:SHOWN_FAILURES]
    return replace(run, failed=run.failed + 1, failures=failures)


def _send(step: Step, run: Run, files: dict[str, list[SentLine]]) -> Outcome:
    """Write what the tasks of the part read, and go on with the first of them."""
    declaration, request_id = step.request.declaration, step.request.request_id
    for file, lines in files.items():
        if lines:
            body = "".join(f"{_text(line, file)}\n" for line in lines).encode()
            key = declaration.keys.input(request_id, f"{run.part:05}-{file}")
            s3.write(step.clients.s3, declaration.bucket, key, body)
    first = NEW if files[NEW] else KNOWN
    run = replace(run, file=first, known_lines=len(files[KNOWN]))
    progress = next_task(step.progress, run, len(files[first]))
    if files[first]:
        return Outcome("Start", progress)
    return after_part(progress) or conclude(step, progress)


def _text(line: SentLine, file: str) -> str:
    """Return the line as it is sent; the id stands last, so that the rest is the user's own."""
    if file == NEW:
        return line.text
    return f'{line.text[:-1].rstrip()}, "{CERTIFICATE_ID}": "{line.certificate_id}"}}'
