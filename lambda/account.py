"""Account for a task: what it did enters the inventory, and the claim forgets its start."""

import time
from dataclasses import dataclass

import kept_inventory
import sent_lines
from accepted import entries
from aws.registration_tasks import Task
from claim import Claim, Unclear, record_account
from fleet.inventory_entry import Entry
from run_parts import sent_key
from sent_lines import SentLine
from step import Step


@dataclass(frozen=True)
class Account:
    """What is known of a task after its end.

    Attributes:
        entries: how many parts of the inventory this run has written by now.
        new: how many things are registered that were not before.
        sent: the lines that the task has read.
    """

    entries: int
    new: int
    sent: list[SentLine]


def account_for(
    step: Step, claim: Claim, task: Task, reports: int, number: int, *, complete: bool
) -> Account:
    """Write what AWS has accepted into the inventory, and where certificates may be left.

    Args:
        step: the step that asks.
        claim: its last start is that of the task.
        task: the task, ended.
        reports: how many RESULTS of it are saved.
        number: how many parts of the inventory this run has written.
        complete: whether the saved reports have as many lines as the task counts.

    Raises:
        Superseded: a newer request has the claim.
    """
    declaration, start = step.request.declaration, claim.last_start
    input_key = start.input_key if start else ""
    request_id = input_key.removeprefix(declaration.keys.inputs).partition("/")[0]
    sent = list(sent_lines.read(step.clients, declaration, sent_key(declaration, input_key)))
    found = entries(step, request_id, task.task_id, reports, sent)
    accepted = {entry.thing_name for entry in found}
    written = kept_inventory.append(step, number, [*found, *_unknown(sent, accepted)])
    unclear = claim.unclear
    whole = complete and task.status == "Completed" and not task.failure_count
    if not whole and start is not None and any(line.may_have_certificate for line in sent):
        unclear += (Unclear(task.task_id, input_key, start.sent_at, time.time()),)
    record_account(step, claim, unclear)
    registered = {line.thing_name for line in sent if line.is_registered}
    return Account(written, len(accepted - registered), sent)


def _unknown(sent: list[SentLine], accepted: set[str]) -> list[Entry]:
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
