"""The step that compares the input file with what is registered: only a difference is sent."""

import time
from dataclasses import replace

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.registry import pages_of
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import (
    line_too_long,
    no_devices,
    nothing_sent,
    takes_too_long,
    twice,
)
from thing_registration_worker.fleet.comparison import Comparison, DuplicateDevice, LineTooLong
from thing_registration_worker.fleet.departures import find_removed
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.resolved_device import resolver
from thing_registration_worker.fleet.run_size import run_seconds
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.run import counts
from thing_registration_worker.run.conclusion import conclude, tolerance
from thing_registration_worker.run.run import SHOWN_FAILURES, Run
from thing_registration_worker.state import devices
from thing_registration_worker.step import Outcome, Step


def compare(step: Step) -> Outcome:
    """Compare line by line, and keep the lines that are to be sent.

    Raises:
        RegistrationError: no line is for a device, two are for one device or have one key, one is
            too long, more lines than may fail cannot be registered, what is to be sent does not fit
            into the time that is left, or the time is over.
        Superseded: a newer request has the head.
    """
    step.check_time()
    declaration, request = step.request.declaration, step.request
    template = declaration.template
    comparison = Comparison(
        resolver(template),
        step.db,
        NameCollector(template),
        run=request.request_id,
        compare_all=request.rerun,
    )
    file = declaration.keys.file(request.request_id)
    texts = s3.lines_from(step.clients.s3, declaration.bucket, file, comparison.offset)
    try:
        if not comparison.read(texts, lambda: step.is_over):
            comparison.save()
            return Outcome("Compare", step.run)
        comparison.check_keys()
    except DuplicateDevice as error:
        reason = twice(declaration.input_uri, error.what, error.first, error.second)
        raise RegistrationError(reason) from error
    except LineTooLong as error:
        raise RegistrationError(line_too_long(declaration.input_uri, error.number)) from error
    if not comparison.lines:
        raise RegistrationError(no_devices(declaration.input_uri, comparison.next_number - 1))
    comparison.end()
    return _plan(step, comparison)


def _plan(step: Step, comparison: Comparison) -> Outcome:
    """Decide whether what is to be sent can be, and go on with it."""
    removed = find_removed(step.db, comparison.line_numbers)
    run = replace(
        step.run,
        parts=comparison.parts,
        lines=comparison.lines,
        unchanged=comparison.unchanged,
        unread=comparison.unread,
        removed=len(removed),
        failures=_first_failures(step),
    )
    run = leaving_devices.collect(step, run, comparison.line_numbers, removed)
    declaration, sent = step.request.declaration, counts.count(step.db, step.request.request_id)
    if sent.failed > tolerance(declaration.max_failures, sent.to_send):
        raise RegistrationError(nothing_sent(declaration.input_uri, sent.failed, run.failures))
    _check_time(step, run, sent.to_send)
    return Outcome("Provide", run) if run.parts else conclude(step, run)


def _first_failures(step: Step) -> tuple[str, ...]:
    rows = step.db.execute(
        "SELECT number, failure FROM line WHERE kind = 'unreadable' ORDER BY number LIMIT ?",
        (SHOWN_FAILURES,),
    )
    return tuple(f"line {number}: {failure}" for number, failure in rows)


def _check_time(step: Step, run: Run, to_send: int) -> None:
    to_check, to_look_up, to_ask = step.db.execute(
        """SELECT coalesce(sum(kind = 'same'), 0),
          coalesce(sum(key IS NOT NULL AND certificate_id IS NULL), 0),
          coalesce(sum(key IS NOT NULL AND certificate_id IS NOT NULL), 0)
        FROM line WHERE part IS NOT NULL"""
    ).fetchone()
    left = step.request.deadline - time.time()
    seconds = run_seconds(
        to_send=to_send - to_check,
        to_check=to_check,
        to_look_up=to_look_up,
        to_ask=to_ask,
        status_pages=run.parts * pages_of(devices.count_in_fleet(step.db)),
        things_per_second=step.request.declaration.things_per_second,
        to_deregister=run.to_deregister,
    )
    if seconds > left:
        raise RegistrationError(takes_too_long(to_send, seconds, left))
