"""The step before the tasks of a part: which of its keys has AWS certified already?"""

import math
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from botocore.exceptions import ParamValidationError

from thing_registration_worker.aws import registration_tasks, registry, registry_changes, s3
from thing_registration_worker.aws.registration_tasks import RUNNING
from thing_registration_worker.failure_reason import not_active, not_looked_up
from thing_registration_worker.fleet.template import CERTIFICATE_ID, INACTIVE
from thing_registration_worker.registry import earlier_tasks
from thing_registration_worker.registry.certificate_statuses import list_statuses, listed
from thing_registration_worker.registry.found_device import Found
from thing_registration_worker.registry.found_device import look_up as find_device
from thing_registration_worker.registry.verification import is_as_declared
from thing_registration_worker.removal import retired_devices
from thing_registration_worker.run.conclusion import conclude
from thing_registration_worker.run.parts import after_part, file_name
from thing_registration_worker.run.run import Run
from thing_registration_worker.run.texts import Texts
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.lines import KNOWN, NEW, Line
from thing_registration_worker.state.schema import ABSENT, FOUND
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import slot


def look_up(step: Step) -> Outcome:
    """Decide for each line of the part, for so long as a call may take; then write its files.

    A key is certified once: a line whose key has a certificate goes into the file that gives its
    id. A certificate that is not active is not brought back: its line is not sent.

    Raises:
        RegistrationError: the time is over.
        Superseded: a newer request has the head.
    """
    part, run = lines.of_part(step.db, step.run.part), step.run
    to_decide = [line for line in part if line.outcome == "open"]
    if len(to_decide) == len(part) and not run.pages:
        waiting = _wait(step, part)
        if waiting is not None:
            return waiting
    step.check_time()
    if not run.listed:
        known = {line.certificate_id for line in part if line.key}
        run = list_statuses(step, known - {""})
        if not run.listed:
            return Outcome("LookUp", run)
    return _decide_part(step, run, part, to_decide)


def _wait(step: Step, part: Sequence[Line]) -> Outcome | None:
    """Wait while the registry does not show yet what a task does or has done; None to go on."""
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if running:
        return slot.wait(step, running)
    if not any(line.key and not line.certificate_id for line in part):
        return None
    found = earlier_tasks.look(step)
    settled_at = max(found.settled_at, step.run.settled_at)
    if found.is_done and time.time() >= settled_at:
        return None
    wait = max(0, math.ceil(settled_at - time.time())) if found.is_done else 0
    step.check_time()
    return Outcome("LookUp", replace(step.run, settled_at=settled_at), wait=wait)


def _decide_part(step: Step, run: Run, part: Sequence[Line], to_decide: Sequence[Line]) -> Outcome:
    """Decide about lines of the part, and send it when all of them are decided."""
    statuses, texts = listed(step), Texts(step, part)
    returning = [line for line in to_decide if line.is_retired and _may_return(step)]
    if returning:
        # Before the first is brought back: it is retired again if its line is never registered.
        for line in returning:
            others = retired_devices.note_return(
                step.db, line.key, line.name, step.request.request_id
            )
            run = replace(run, removed=run.removed + others)
        step.commit(run)
    decided = {line.number: line for line in part if line.outcome != "open"}
    for done, line in enumerate(to_decide):
        if done and step.is_over:
            break
        decided[line.number] = decision = _decision(step, line, texts[line], statuses)
        lines.decide(step.db, decision)
        if decision.failure:
            run = _with_failure(run, decision)
    if len(decided) < len(part):
        return Outcome("LookUp", run)
    return _send(step, run, [decided[line.number] for line in part], texts)


def _with_failure(run: Run, line: Line) -> Run:
    phrase = f"line {line.number}: {line.failure}"
    # It may be decided about for the second time.
    return run if phrase in run.failures else run.with_failure(phrase)


def _may_return(step: Step) -> bool:
    """Return whether what we have retired comes back with its line."""
    return step.request.declaration.deregister != "NEVER"


def _decision(step: Step, line: Line, text: bytes, statuses: Mapping[str, str]) -> Line:
    """Decide about a line; one that AWS refuses to look up fails, and no other line with it."""
    try:
        return _decide(step, line, text, statuses)
    except (step.clients.iot.exceptions.InvalidRequestException, ParamValidationError) as error:
        return replace(line, outcome="refused", failure=not_looked_up(line.name, error))


def _decide(step: Step, line: Line, text: bytes, statuses: Mapping[str, str]) -> Line:
    if line.kind != "same":
        return _by_certificate(step, _with_existence(step, line), text, statuses)
    thing = registry.describe_thing(step.clients.iot, line.name)
    line = replace(line, thing_exists=thing is not None)
    decision = _by_certificate(step, line, text, statuses)
    if decision.file and is_as_declared(step, decision, text, thing):
        return replace(decision, outcome="kept", file="")
    return decision


def _with_existence(step: Step, line: Line) -> Line:
    """Ask whether the thing exists: one that existed before is never counted as made by us."""
    if line.thing_exists or (line.key and not line.certificate_id):
        return line
    exists = registry.thing_exists(step.clients.iot, line.name)
    return replace(line, thing_exists=exists)


def _by_certificate(step: Step, line: Line, text: bytes, statuses: Mapping[str, str]) -> Line:
    """Decide how the device gets the certificate of its key."""
    if not line.key:
        return replace(line, outcome="sent", file=NEW)
    if line.certificate_id:
        status = statuses.get(line.certificate_id) or _status(step, line.certificate_id)
        if not status:
            # Someone has deleted it: its key has none.
            new = replace(line, certificate_id="", certificate_made=False)
            return replace(new, outcome="sent", file=NEW)
        return _by_status(step, line, text, status)
    kind = step.request.declaration.template.certificate
    found = find_device(step.clients.iot, line.device(kind))
    line = replace(line, thing_exists=found.thing_exists)
    _keep(step, line, found)
    if found.certificate is None:
        return replace(line, outcome="sent", file=NEW)
    line = replace(line, certificate_id=found.certificate.certificate_id)
    # After the state was lost, what is INACTIVE may be retired, or somebody else's doing.
    is_ours = step.request.declaration.claim_existing
    return _by_status(step, line, text, found.certificate.status, is_ours=is_ours)


def _keep(step: Step, line: Line, found: Found) -> None:
    """Keep what the registry says of a thing that is not registered as far as it is known."""
    before = devices.by_name(step.db, line.name)
    if before is None or before.state > FOUND:
        return
    certificate_id = found.certificate.certificate_id if found.certificate else ""
    devices.put(
        step.db,
        Thing(
            id=0,
            name=line.name,
            state=FOUND if found.thing_exists else ABSENT,
            key=line.key,
            certificate_id=certificate_id,
            thing_made=before.thing_made,
            at=int(time.time()),
        ),
    )


def _status(step: Step, certificate_id: str) -> str:
    """Return the status of a certificate; empty if there is none of this id."""
    certificate = registry.certificate(step.clients.iot, certificate_id)
    return certificate.status if certificate else ""


def _by_status(step: Step, line: Line, text: bytes, status: str, *, is_ours: bool = False) -> Line:
    """Decide by the status that AWS has; one that the line itself asks for brings nothing back.

    What we have retired comes back with its line.
    """
    asked = step.request.declaration.template.certificate_status(text)
    sent = replace(line, outcome="sent", file=KNOWN)
    is_ours = is_ours or (line.is_retired and _may_return(step))
    if status == INACTIVE and asked != INACTIVE and is_ours:
        registry_changes.set_status(step.clients.iot, line.certificate_id, "ACTIVE")
        return sent
    if status not in (registry.ACTIVE, asked):
        failure = not_active(line.name, line.certificate_id, status)
        return replace(line, outcome="refused", failure=failure)
    return sent


def _send(step: Step, run: Run, part: Sequence[Line], texts: Texts) -> Outcome:
    """Write what the tasks of the part read, and go on with the first of them."""
    files = {file: [line for line in part if line.file == file] for file in (NEW, KNOWN)}
    run = replace(run, decision=secrets.token_hex(4), has_known=bool(files[KNOWN]))
    for file, sent in files.items():
        if sent:
            body = b"".join(_text(line, texts[line]) + b"\n" for line in sent)
            _write(step, replace(run, file=file), body)
    if not files[NEW] and not files[KNOWN]:
        return after_part(run) or conclude(step, run)
    return Outcome("Start", run.next_task(NEW if files[NEW] else KNOWN))


def _write(step: Step, run: Run, body: bytes) -> None:
    declaration = step.request.declaration
    key = declaration.keys.input(step.request.request_id, file_name(run))
    s3.write(step.clients.s3, declaration.bucket, key, body)


def _text(line: Line, text: bytes) -> bytes:
    """Return the line as it is sent; the id stands last, so that the rest is the user's own."""
    if line.file == NEW:
        return text
    given = f', "{CERTIFICATE_ID}": "{line.certificate_id}"}}'
    return text[:-1].rstrip() + given.encode()
