"""Account for a task: what it did enters the inventory, and the claim forgets its start."""

import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

import kept_inventory
from accepted import entries
from aws.registration_tasks import Task
from claim import Claim, Unclear, record_account
from fleet.inventory_entry import Entry
from progress import Progress
from run_parts import input_request
from sent_lines import SentLine
from step import Step


@dataclass(frozen=True)
class Account:
    """What is known of a task after its end.

    Attributes:
        entries: how many parts of the inventory this run has written by now.
        new: how many things are registered that were not before.
        differing: the lines that AWS has accepted, although their things are not as declared.
    """

    entries: int
    new: int
    differing: tuple[SentLine, ...]


def account_for(
    step: Step,
    claim: Claim,
    task: Task,
    progress: Progress,
    sent: Sequence[SentLine],
    unverified: Container[str],
    *,
    complete: bool,
) -> Account:
    """Write what AWS has accepted into the inventory, and where certificates may be left.

    Args:
        step: the step that asks.
        claim: its last start is that of the task; None if this was done before.
        task: the task, ended.
        progress: which of its reports are saved.
        sent: the lines that the task has read.
        unverified: the names of things that are not as declared, or may not be: they are
            registered, and sent again.
        complete: whether the saved reports have as many lines as the task counts.

    Raises:
        Superseded: a newer request has the claim.
    """
    start, unclear = claim.last_start, claim.unclear
    request_id = input_request(step.request.declaration, start.input_key) if start else ""
    reports = progress.saved_reports.get("RESULTS", 0)
    found = [
        replace(entry, resources_hash="") if entry.thing_name in unverified else entry
        for entry in entries(step, request_id or step.request.request_id, task.task_id, reports, sent)
    ]
    accepted = {entry.thing_name for entry in found}
    written = kept_inventory.append(step, progress.run.entries, [*found, *_unknown(sent, accepted)])
    whole = complete and task.status == "Completed" and not task.failure_count
    if not whole and start is not None and any(line.may_have_certificate for line in sent):
        unclear += (Unclear(task.task_id, start.input_key, start.sent_at, time.time()),)
    record_account(step, claim, unclear)
    differing = (line for line in sent if line.thing_name in accepted)
    return Account(
        written,
        len(accepted - {line.thing_name for line in sent if line.is_registered}),
        tuple(line for line in differing if line.thing_name in unverified),
    )


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
