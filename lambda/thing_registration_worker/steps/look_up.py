"""The step before the tasks of a part: which of its keys has AWS certified already?"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from botocore.exceptions import ParamValidationError

from thing_registration_worker.aws import registration_tasks, registry, registry_changes, s3
from thing_registration_worker.aws.registration_tasks import RUNNING
from thing_registration_worker.failure_reason import not_active, not_looked_up
from thing_registration_worker.fleet.declared_status import INACTIVE, certificate_status
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.registry.certificate_statuses import list_statuses, listed
from thing_registration_worker.registry.found_device import entry as entry_of
from thing_registration_worker.registry.found_device import look_up as find_device
from thing_registration_worker.registry.verification import is_as_declared
from thing_registration_worker.run import sent_lines
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.run_end import conclude
from thing_registration_worker.run.run_parts import after_part, decided_key, next_task, part_key
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.state.claim import held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import slot
from thing_registration_worker.tasks.own_tasks import CERTIFICATE_ID, KNOWN, NEW
from thing_registration_worker.timing import LOOK_UP_CALL_BUDGET

SHOWN_FAILURES = 5


@dataclass(frozen=True)
class Decision:
    """What is done with a line.

    Attributes:
        line: the line, with what was found out about it.
        file: `new` or `known`; empty: it is not sent.
        entry: what the inventory is to know; None for nothing new.
        failure: why the line cannot be sent; empty, if it is not: because nothing differs.
    """

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
    end, run = time.time() + LOOK_UP_CALL_BUDGET, step.progress.run
    declaration, request_id = step.request.declaration, step.request.request_id
    key = part_key(declaration, request_id, run.part)
    part = list(sent_lines.read(step.clients, declaration, key))
    if not run.decided and not run.pages:
        waiting = _wait(step, part)
        if waiting is not None:
            return waiting
    if not run.listed:
        known = {line.certificate_id for line in part if line.may_have_certificate}
        run, is_over = list_statuses(step, known - {""}, end)
        run = replace(run, listed=is_over)
        if run.pages:
            return Outcome("LookUp", replace(step.progress, run=run))
    return _decide_part(step, run, part, end)


def _decide_part(step: Step, run: Run, part: list[SentLine], end: float) -> Outcome:
    """Decide behind the last line that was decided, and keep the decisions."""
    statuses, entries = listed(step), list[Entry]()
    # Before the first is brought back: it is retired again if its line is never registered.
    returning = [line.retiring(time.time()) for line in part[run.decided :] if line.is_retired]
    run = replace(run, entries=kept_inventory.append(step, run.entries, returning))
    files = {file: _decided(step, run, file) for file in (NEW, KNOWN)}
    for line in part[run.decided :]:
        if time.time() > end:
            break
        decision = _decision(step, line, statuses)
        if decision.file:
            files[decision.file].append(decision.line)
        else:
            run = _not_sent(run, decision)
        if decision.entry is not None:
            entries.append(decision.entry)
        run = replace(run, decided=run.decided + 1)
    for file, lines in files.items():
        sent_lines.write(step.clients, step.request.declaration, _key(step, run, file), lines)
    run = replace(run, entries=kept_inventory.append(step, run.entries, entries))
    if run.decided < len(part):
        return Outcome("LookUp", replace(step.progress, run=run))
    return _send(step, run, files)


def _decided(step: Step, run: Run, file: str) -> list[SentLine]:
    """Return the lines of a file that the calls before have decided."""
    if not run.decided:
        return []
    return list(sent_lines.read(step.clients, step.request.declaration, _key(step, run, file)))


def _key(step: Step, run: Run, file: str) -> str:
    return decided_key(step.request.declaration, step.request.request_id, run.part, file)


def _wait(step: Step, part: list[SentLine]) -> Outcome | None:
    """Wait while the registry does not show yet what a task does or has done; None to go on."""
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if running:
        return slot.wait(step.progress, running)
    is_asked = any(line.may_have_certificate and not line.certificate_id for line in part)
    if step.progress.run.part or not is_asked:
        return None
    settled_at = step.progress.run.settled_at
    if time.time() >= settled_at:
        return None
    return Outcome("LookUp", step.progress, wait=math.ceil(settled_at - time.time()))


def _decision(step: Step, line: SentLine, statuses: Mapping[str, str]) -> Decision:
    """Decide about a line; one that AWS refuses to look up fails, and no other line with it."""
    try:
        return _decide(step, line, statuses)
    except (step.clients.iot.exceptions.InvalidRequestException, ParamValidationError) as error:
        failure = f"line {line.number}: {not_looked_up(line.thing_name, error)}"
        return Decision(line, "", failure=failure)


def _decide(step: Step, line: SentLine, statuses: Mapping[str, str]) -> Decision:
    if not line.is_unchanged:
        return _by_certificate(step, _with_existence(step, line), statuses)
    thing = registry.describe_thing(step.clients.iot, line.thing_name)
    line = replace(line, thing_exists=thing is not None)
    decision = _by_certificate(step, line, statuses)
    if decision.file and is_as_declared(step, decision.line, thing):
        return replace(decision, file="")
    return decision


def _with_existence(step: Step, line: SentLine) -> SentLine:
    """Ask whether the thing exists: one that existed before is never counted as made by us."""
    if line.thing_exists or (line.may_have_certificate and not line.certificate_id):
        return line
    return replace(line, thing_exists=registry.thing_exists(step.clients.iot, line.thing_name))


def _by_certificate(step: Step, line: SentLine, statuses: Mapping[str, str]) -> Decision:
    """Decide how the device gets the certificate of its key."""
    if not line.may_have_certificate:
        return Decision(line, NEW)
    if line.certificate_id:
        status = statuses.get(line.certificate_id) or _status(step, line.certificate_id)
        if not status:
            # Someone has deleted it: its key has none.
            return Decision(replace(line, certificate_id="", certificate_made=False), NEW)
        return _by_status(step, line, line.certificate_id, status)
    found = find_device(step.clients.iot, line.device)
    line = replace(line, thing_exists=found.thing_exists)
    entry = replace(entry_of(line.device, found, time.time()), thing_made=line.thing_made)
    if found.certificate is None:
        return Decision(line, NEW, entry)
    known = replace(line, certificate_id=found.certificate.certificate_id)
    status = found.certificate.status
    decision = _by_status(step, known, known.certificate_id, status)
    return replace(decision, entry=entry)


def _status(step: Step, certificate_id: str) -> str:
    """Return the status of a certificate; empty if there is none of this id."""
    certificate = registry.certificate(step.clients.iot, certificate_id)
    return certificate.status if certificate else ""


def _by_status(step: Step, line: SentLine, certificate_id: str, status: str) -> Decision:
    """Decide by the status that AWS has; one that the line itself asks for brings nothing back.

    What we have retired comes back with its line.
    """
    body = step.request.declaration.template_body
    if line.is_retired and status == INACTIVE and certificate_status(body, line.text) != INACTIVE:
        registry_changes.set_status(step.clients.iot, certificate_id, "ACTIVE")
        return Decision(line, KNOWN)
    if status not in (registry.ACTIVE, certificate_status(body, line.text)):
        failure = f"line {line.number}: {not_active(line.thing_name, certificate_id, status)}"
        return Decision(line, "", failure=failure)
    return Decision(line, KNOWN)


def _not_sent(run: Run, decision: Decision) -> Run:
    """Count a line that is not sent."""
    if not decision.failure:
        return replace(
            run,
            as_declared=run.as_declared + 1,
            to_send=run.to_send - 1,
            unchanged=run.unchanged + 1,
        )
    run = replace(run, failed=run.failed + 1, refused=run.refused + 1)
    # It may be decided about for the second time.
    if decision.failure in run.failures:
        return run
    return replace(run, failures=(*run.failures, decision.failure)[:SHOWN_FAILURES])


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
