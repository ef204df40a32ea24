"""The step that takes devices out of use which have left the file, or deletes those of a stack."""

import time
from dataclasses import replace

from thing_registration_worker import failure_reason
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.run_size import DEREGISTERED_PER_SECOND
from thing_registration_worker.removal import leaving_devices, retirement
from thing_registration_worker.removal.leaving_devices import Leaving
from thing_registration_worker.removal.retirement import Calls, Device
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.run.run_end import conclude
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.state.claim import held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import DEREGISTER_CALL_BUDGET, DETACH_BUDGET

# So many devices are begun with before any of them is finished.
BATCH = 50
SHOWN_FAILURES = 5


def deregister(step: Step) -> Outcome:
    """Retire what has left the file, or delete all of a stack that is being deleted.

    What AWS refuses is listed and fails the deployment; the next one tries again.

    Raises:
        RegistrationError: it takes longer than the time that is left, or AWS refuses a deletion.
        Superseded: a newer request has the claim.
    """
    held(step)
    end, progress, run = time.time() + DEREGISTER_CALL_BUDGET, step.progress, step.progress.run
    is_deletion = step.request.kind == "Delete"
    if is_deletion and not run.to_deregister:
        return _begin(step)
    while run.deregistered < run.to_deregister and time.time() < end:
        if time.time() > progress.deadline:
            left = run.to_deregister - run.deregistered
            raise RegistrationError(
                failure_reason.not_deregistered_in_time(left, run.to_deregister)
            )
        batch = leaving_devices.read(step, run.deregistered)[:BATCH]
        run = _delete(step, run, batch) if is_deletion else _retire(step, run, batch)
        run = replace(run, deregistered=run.deregistered + len(batch))
    progress = replace(progress, run=run)
    if run.deregistered < run.to_deregister:
        return Outcome("Deregister", progress)
    return _end(step, progress)


def _begin(step: Step) -> Outcome:
    """Decide whether a deletion fits into the time that CloudFormation waits."""
    devices, progress = leaving_devices.collect_all(step), step.progress
    seconds, left = devices / DEREGISTERED_PER_SECOND, progress.deadline - time.time()
    if seconds > left:
        stack = step.request.stack_id.split("/")[1]
        raise RegistrationError(failure_reason.deletion_too_long(devices, seconds, left, stack))
    if not devices:
        return Outcome("Stop", replace(progress, has_deregistered=True))
    return Outcome(
        "Deregister", replace(progress, run=replace(progress.run, to_deregister=devices))
    )


def _end(step: Step, progress: Progress) -> Outcome:
    run = progress.run
    failure = (
        failure_reason.not_deregistered(run.not_deregistered, run.to_deregister)
        if run.not_deregistered
        else ""
    )
    if step.request.kind != "Delete":
        return conclude(step, replace(progress, failure=failure))
    if failure:
        raise RegistrationError(f"{failure}; first failures: {'; '.join(run.failures)}")
    return Outcome("Stop", replace(progress, has_deregistered=True))


def _retire(step: Step, run: Run, batch: list[list[Leaving]]) -> Run:
    """Retire devices, and forget those that were found: each write is true whenever we die."""
    calls = _calls(step)
    to_retire, before = list[Leaving](), list[Entry]()
    leaving = [each for device in batch for each in device]
    for each in leaving:
        entry, now = each.entry, time.time()
        if not entry.is_made:
            before.append(retirement.released(entry, now))
        elif retirement.is_silent(calls, entry):
            # Not ours to bring back.
            before.append(replace(entry, state="found", at=int(now)))
        else:
            to_retire.append(each)
            before.append(retirement.retiring(entry, now))
    run = replace(run, entries=kept_inventory.append(step, run.entries, before))
    done = []
    for each in to_retire:
        try:
            retirement.retire(calls, each.entry, in_use=each.in_use)
        except Refused as refusal:
            run = _refused(run, each.entry.thing_name, refusal)
        else:
            done.append(retirement.retired(each.entry, time.time()))
    counted = sum(each.entry.state in ("registered", "retiring") for each in leaving)
    gone = counted - (len(to_retire) - len(done))
    return replace(
        run,
        entries=kept_inventory.append(step, run.entries, done),
        retired=run.retired + len(done),
        registered=run.registered - gone,
        removed=run.removed - gone,
    )


def _delete(step: Step, run: Run, batch: list[list[Leaving]]) -> Run:
    """Delete devices; what is refused while a detachment propagates is tried again."""
    calls, now = _calls(step), time.time()
    begun = [retirement.retiring(leaving[0].entry, now) for leaving in batch]
    run = replace(run, entries=kept_inventory.append(step, run.entries, begun))
    opened = list[tuple[Device, tuple[Entry, ...]]]()
    for leaving in batch:
        device = retirement.device(each.entry for each in leaving)
        names = {one.thing_name for one, _ in opened}
        try:
            opened.append((device, retirement.take_apart(calls, device, names)))
        except Refused as refusal:
            run = _refused(run, device.thing_name, refusal)
    gone, last_try = list[Entry](), time.time() + DETACH_BUDGET
    while opened:
        waiting = []
        for device, doomed in opened:
            try:
                retirement.delete(calls, device, doomed)
            except Refused as refusal:
                if refusal.may_be_attached and time.time() < last_try:
                    waiting.append((device, doomed))
                else:
                    run = _refused(run, device.thing_name, refusal)
            else:
                gone += retirement.removed(device, doomed, time.time())
        opened = waiting
        if opened:
            time.sleep(1)
    return replace(run, entries=kept_inventory.append(step, run.entries, gone))


def _refused(run: Run, thing_name: str, refusal: Refused) -> Run:
    failures = (f"thing {thing_name}: {refusal}", *run.failures)[:SHOWN_FAILURES]
    return replace(run, not_deregistered=run.not_deregistered + 1, failures=failures)


def _calls(step: Step) -> Calls:
    return Calls(step.clients.iot, step.request.certificate_arn_prefix)
