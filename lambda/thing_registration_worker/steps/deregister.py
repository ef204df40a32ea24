"""The step that takes devices out of use which have left the file, or deletes those of a stack."""

import time
from dataclasses import replace

from thing_registration_worker import failure_reason
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.run_size import DEREGISTERED_PER_SECOND
from thing_registration_worker.removal import deletion, leaving_devices, retirement
from thing_registration_worker.removal.leaving_devices import Queued
from thing_registration_worker.run.conclusion import conclude
from thing_registration_worker.run.run import Run
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import REGISTRY_LAG

# So many devices are begun with before any of them is finished.
BATCH = 20
WAIT = 5


def deregister(step: Step) -> Outcome:
    """Retire what has left the file, or delete all of a stack that is being deleted.

    What AWS refuses is listed and fails the deployment; the next one tries again.

    Raises:
        RegistrationError: it takes longer than the time that is left, or AWS refuses a deletion.
        Superseded: a newer request has the head.
    """
    run, is_deletion = step.run, step.request.kind == "Delete"
    first = run.deregistered
    if is_deletion and not run.to_deregister:
        return _begin(step)
    while run.deregistered < run.to_deregister:
        if time.time() > step.request.deadline:
            left = run.to_deregister - run.deregistered
            raise RegistrationError(
                failure_reason.not_deregistered_in_time(left, run.to_deregister)
            )
        if step.is_over and run.deregistered > first:
            return Outcome("Deregister", run)
        batch = leaving_devices.read(step.db, run.deregistered, BATCH)
        before = run
        run = _delete(step, run, batch) if is_deletion else _retire(step, run, batch)
        if run.deregistered == before.deregistered:
            return Outcome("Deregister", run, wait=WAIT)
        step.commit(run)
    return _end(step, run)


def _begin(step: Step) -> Outcome:
    """Decide whether a deletion fits into the time that CloudFormation waits."""
    request = step.request
    names = leaving_devices.made(step.db, claimed=request.declaration.claim_existing)
    count = leaving_devices.collect_made(step, names)
    seconds, left = count / DEREGISTERED_PER_SECOND, request.deadline - time.time()
    if seconds > left:
        stack = request.owner.stack
        raise RegistrationError(failure_reason.deletion_too_long(count, seconds, left, stack))
    if not count:
        return Outcome("Stop", replace(step.run, has_deregistered=True))
    return Outcome("Deregister", replace(step.run, to_deregister=count))


def _end(step: Step, run: Run) -> Outcome:
    failure = (
        failure_reason.not_deregistered(run.not_deregistered, run.to_deregister)
        if run.not_deregistered
        else ""
    )
    if step.request.kind != "Delete":
        return conclude(step, run, failure)
    if failure:
        raise RegistrationError(f"{failure}; first failures: {'; '.join(run.failures)}")
    return Outcome("Stop", replace(run, has_deregistered=True))


def _retire(step: Step, run: Run, queued: list[Queued]) -> Run:
    """Retire devices; those at the end of the queue may have to wait for the registry."""
    is_late = time.time() - step.call.since > REGISTRY_LAG
    batch = retirement.retire(step, queued)
    for name, why in batch.refused.items():
        run = _refused(run, name, why)
    done = len(queued) - len(batch.waiting)
    if batch.waiting and is_late:
        # Its certificate is in use nowhere else: the next deployment decides about it again.
        done = len(queued)
    gone = batch.gone - len(batch.refused)
    run = replace(run, retired=run.retired + len(batch.retired), removed=run.removed - gone)
    if batch.waiting and not is_late:
        leaving_devices.put_off(step.db, batch.waiting, queued)
    return replace(run, deregistered=run.deregistered + done)


def _delete(step: Step, run: Run, queued: list[Queued]) -> Run:
    for name, why in deletion.delete(step, [each.name for each in queued]).items():
        run = _refused(run, name, why)
    return replace(run, deregistered=run.deregistered + len(queued))


def _refused(run: Run, thing_name: str, refusal: str) -> Run:
    failures = (f"thing {thing_name}: {refusal}", *run.failures)
    run = replace(run, not_deregistered=run.not_deregistered + 1, failures=())
    for failure in failures:
        run = run.with_failure(failure)
    return run
