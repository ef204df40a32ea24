"""Account for a task: what it did enters the inventory, and the claim forgets its start."""

import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.state.claim import Claim, Unclear, record_account
from thing_registration_worker.step import Step


@dataclass(frozen=True)
class Reading:
    """What is known of what a task did.

    Attributes:
        sent: the lines that it has read.
        accepted: an entry for each of them that AWS says it has registered.
        unverified: the names of things that are not as declared, or may not be: they are
            registered, and sent again.
        complete: whether the saved reports have as many lines as the task counts.
    """

    sent: Sequence[SentLine]
    accepted: Sequence[Entry]
    unverified: Container[str]
    complete: bool


@dataclass(frozen=True)
class Account:
    """What an accounted task has changed.

    Attributes:
        entries: how many parts of the inventory this run has written by now.
        new: how many things are registered that were not before.
    """

    entries: int
    new: int


def account_for(step: Step, claim: Claim, task: Task, reading: Reading, entries: int) -> Account:
    """Write what AWS has accepted into the inventory, and where certificates may be left.

    Args:
        step: the step that asks.
        claim: its last start is that of the task; None if this was done before.
        task: the task, ended.
        reading: what is known of what it did.
        entries: how many parts of the inventory this run has written.

    Raises:
        Superseded: a newer request has the claim.
    """
    start, unclear, sent = claim.last_start, claim.unclear, reading.sent
    found = [
        replace(entry, resources_hash="") if entry.thing_name in reading.unverified else entry
        for entry in reading.accepted
    ]
    accepted = {entry.thing_name for entry in found}
    written = kept_inventory.append(step, entries, [*found, *_unknown(sent, accepted)])
    all_accepted = task.status == "Completed" and task.success_count == len(sent)
    whole = reading.complete and all_accepted
    if not whole and start is not None and any(line.may_have_certificate for line in sent):
        unclear += (Unclear(task.task_id, start.input_key, start.sent_at, time.time()),)
    record_account(step, claim, unclear)
    new = accepted - {line.thing_name for line in sent if line.is_registered}
    return Account(written, len(new))


def _unknown(sent: Iterable[SentLine], accepted: Container[str]) -> list[Entry]:
    """Return that what is registered of these devices is not known: they are sent again."""
    return [
        Entry(
            "registered",
            line.thing_name,
            key=line.key if line.certificate_id else "",
            certificate_id=line.certificate_id,
            thing_made=line.thing_made,
            certificate_made=line.certificate_made,
            at=int(time.time()),
        )
        for line in sent
        if line.is_registered and line.thing_name not in accepted
    ]
