"""The step that compares the input file with what is registered: only a difference is sent."""

import time
from dataclasses import replace

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registry import pages_of
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import nothing_sent, takes_too_long, twice
from thing_registration_worker.fleet.comparison import Comparison, DuplicateDevice, Verdict
from thing_registration_worker.fleet.inventory import Index
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.prerequisite_names import NameCollector, PrerequisiteNames
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.run_size import PART_LINES, run_seconds
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.run import sent_lines
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.run_end import conclude, tolerance
from thing_registration_worker.run.run_parts import FILE, NAMES, next_task, part_key
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.state.claim import held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import COMPARE_CALL_BUDGET

SAVED = "comparison"
SHOWN_FAILURES = 5


def compare(step: Step) -> Outcome:
    """Compare line by line, and write the lines that are to be sent in parts.

    Raises:
        RegistrationError: two lines are for one device or have one key, more lines than may fail
            cannot be registered, or what is to be sent does not fit into the time that is left.
        Superseded: a newer request has the claim.
    """
    held(step)
    end = time.time() + COMPARE_CALL_BUDGET
    bucket, keys = step.request.declaration.bucket, step.request.declaration.keys
    body, request_id = step.request.declaration.template_body, step.request.request_id
    index = kept_inventory.read(step.clients, step.request.declaration)
    saved = s3.read(step.clients.s3, bucket, keys.work(request_id, SAVED))
    names = s3.read(step.clients.s3, bucket, keys.work(request_id, NAMES)) if saved else None
    comparison = Comparison(Resolver(body), index, saved or b"")
    collector = NameCollector(
        body, PrerequisiteNames.from_json(names) if names else PrerequisiteNames()
    )
    run, is_done = _piece(step, comparison, index, collector, end)
    s3.write(step.clients.s3, bucket, keys.work(request_id, NAMES), collector.names().to_json())
    if not is_done:
        s3.write(step.clients.s3, bucket, keys.work(request_id, SAVED), comparison.save())
        return Outcome("Compare", replace(step.progress, run=run))
    return _plan(step, run, comparison, index)


def _piece(
    step: Step, comparison: Comparison, index: Index, collector: NameCollector, end: float
) -> tuple[Run, bool]:
    """Compare until the time is over; also return whether the file is."""
    run, part = step.progress.run, list[SentLine]()
    bucket, keys = step.request.declaration.bucket, step.request.declaration.keys
    file = keys.work(step.request.request_id, FILE)
    lines = s3.lines_from(step.clients.s3, bucket, file, comparison.offset)
    is_done = True
    for verdict in comparison.verdicts(lines):
        if verdict.kind == "unreadable":
            run = _cannot_be_read(run, verdict)
        elif verdict.kind != "unchanged" or step.request.rerun:
            line = _to_send(step, verdict, index)
            part.append(line)
            collector.add(verdict.device.names if verdict.device else ())
            run = _counted(run, line)
        if len(part) == PART_LINES:
            run, part = _write(step, run, part), []
        if time.time() > end:
            is_done = False
            break
    return (_write(step, run, part) if part else run), is_done


def _to_send(step: Step, verdict: Verdict, index: Index) -> SentLine:
    device = verdict.device
    assert device is not None  # noqa: S101 - only an unreadable line has none
    known = verdict.known or index.by_name(device.thing_name)
    kept = verdict.kind == "unchanged"
    certificate_id = known.certificate_id if kept and known else verdict.certificate_id
    certified = _certified(certificate_id, known, index.by_key(device.key))
    return SentLine(
        number=verdict.number,
        text=verdict.line.decode("utf-8-sig").strip(),
        thing_name=device.thing_name,
        resources_hash=device.resources_hash,
        certificate=device.certificate,
        key=device.key,
        certificate_id=certificate_id,
        is_registered=known is not None and known.state == "registered",
        thing_exists=known is not None and known.state != "absent",
        thing_made=known is not None and known.thing_made,
        certificate_made=certified is not None and certified.certificate_made,
        is_unchanged=kept,
        given_id=device.certificate_id,
        # Without the choice, the worker has no right to bring a certificate back.
        is_retired=certified is not None
        and certified.is_retired
        and step.request.declaration.deregister != "NEVER",
    )


def _certified(certificate_id: str, *entries: Entry | None) -> Entry | None:
    """Return the entry that has a certificate; None for none."""
    found = (entry for entry in entries if entry and entry.certificate_id == certificate_id)
    return next(found, None) if certificate_id else None


def _counted(run: Run, line: SentLine) -> Run:
    asked = line.may_have_certificate
    return replace(
        run,
        to_send=run.to_send + 1,
        to_look_up=run.to_look_up + (asked and not line.certificate_id),
        to_ask=run.to_ask + (asked and bool(line.certificate_id)),
        to_check=run.to_check + line.is_unchanged,
    )


def _cannot_be_read(run: Run, verdict: Verdict) -> Run:
    shown = (f"line {verdict.number}: {verdict.problem}",)
    failures = (run.failures + shown)[:SHOWN_FAILURES]
    return replace(run, to_send=run.to_send + 1, failed=run.failed + 1, failures=failures)


def _write(step: Step, run: Run, part: list[SentLine]) -> Run:
    declaration = step.request.declaration
    key = part_key(declaration, step.request.request_id, run.parts)
    sent_lines.write(step.clients, declaration, key, part)
    return replace(run, parts=run.parts + 1)


def _plan(step: Step, run: Run, comparison: Comparison, index: Index) -> Outcome:
    """Decide whether what is to be sent can be, and go on with it."""
    declaration = step.request.declaration
    try:
        comparison.check_duplicates()
    except DuplicateDevice as error:
        reason = twice(declaration.input_uri, error.what, error.first, error.second)
        raise RegistrationError(reason) from error
    run = replace(
        run,
        lines=sum(comparison.counts.values()),
        unchanged=0 if step.request.rerun else comparison.counts["unchanged"],
        removed=comparison.count_removed(),
        unread=comparison.counts["unreadable"],
        registered=index.count_registered(),
    )
    run = leaving_devices.collect(step, run, comparison)
    if run.failed > tolerance(declaration.max_failures, run.to_send):
        raise RegistrationError(nothing_sent(run.failed, run.failures))
    _check_time(step, run)
    progress = next_task(step.progress, run)
    return Outcome("Provide", progress) if run.parts else conclude(step, progress)


def _check_time(step: Step, run: Run) -> None:
    left = step.progress.deadline - time.time()
    seconds = run_seconds(
        to_send=run.to_send - run.to_check,
        to_check=run.to_check,
        to_look_up=run.to_look_up,
        to_ask=run.to_ask,
        status_pages=run.parts * pages_of(run.registered),
        things_per_second=step.request.declaration.things_per_second,
        to_deregister=run.to_deregister,
    )
    if seconds > left:
        raise RegistrationError(takes_too_long(run.to_send, seconds, left))
