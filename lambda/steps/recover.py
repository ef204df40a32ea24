"""The step that accounts for what an earlier request left open, before anything is compared."""

import json
import time
from dataclasses import replace

import kept_inventory
import saved_reports
import sent_lines
from account import account_for
from aws import registry, s3
from claim import Claim, held, record_account
from fleet.inventory import Index
from fleet.inventory_entry import Entry
from fleet.public_keys import UnreadableCertificate, key_of_certificate
from own_tasks import started
from run_parts import next_task, sent_key
from sent_lines import SentLine
from step import Outcome, Step
from timing import LOOK_UP_CALL_BUDGET, REGISTRY_LAG, REPORTS_BUDGET

ASKED = "asked.json"


def recover(step: Step) -> Outcome:
    """Account for the task of an earlier request, then for certificates that no report names.

    A worker may have died between a task and the inventory. A line may fail after AWS has made its
    certificate: its key is sent with that certificate the next time.

    Raises:
        Superseded: a newer request has the claim.
    """
    claim = held(step)
    if claim.last_start is not None:
        return _account(step, claim)
    if not claim.unclear:
        return Outcome("Compare", next_task(step.progress, step.progress.run))
    settled_at = max(task.ended_at for task in claim.unclear) + REGISTRY_LAG
    if time.time() < settled_at:
        return Outcome("Recover", step.progress, wait=5)
    return _find_orphans(step, claim)


def _account(step: Step, claim: Claim) -> Outcome:
    """Bring what the task of the last start did into the inventory."""
    progress, start = step.progress, claim.last_start
    task = started(step.clients, step.request.declaration, start) if start else None
    if task is None or start is None:
        record_account(step, claim, claim.unclear)
        return Outcome("Recover", progress)
    request_id = start.input_key.removeprefix(step.request.declaration.keys.inputs)
    progress, complete = saved_reports.save(step, task, request_id.partition("/")[0])
    since = progress.finishing_since or time.time()
    progress = replace(progress, finishing_since=since)
    if not complete and time.time() - since < REPORTS_BUDGET:
        return Outcome("Recover", progress, wait=2)
    reports = progress.saved_reports.get("RESULTS", 0)
    account = account_for(step, claim, task, reports, progress.run.entries, complete=complete)
    run = replace(progress.run, entries=account.entries)
    return Outcome("Recover", next_task(progress, run))


def _find_orphans(step: Step, claim: Claim) -> Outcome:
    """Describe the certificates made since the unclear tasks began, and keep those of our keys."""
    end = time.time() + LOOK_UP_CALL_BUDGET
    declaration, progress = step.request.declaration, step.progress
    index = kept_inventory.read(step.clients, declaration)
    wanted, known = _keys(step, claim, index)
    asked_key = declaration.keys.work(step.request.request_id, ASKED)
    asked = set(json.loads(s3.read(step.clients.s3, declaration.bucket, asked_key) or b"[]"))
    since = min(task.sent_at for task in claim.unclear)
    entries, is_done = list[Entry](), True
    # What is not found is not there: no certificate is asked for that a report names.
    for certificate_id in registry.certificates_made_since(step.clients.iot, since):
        if not wanted:
            break
        if certificate_id in known or certificate_id in asked:
            continue
        if time.time() > end:
            is_done = False
            break
        asked.add(certificate_id)
        line = wanted.pop(_key(step, certificate_id), None)
        if line is not None:
            entries.append(_orphan(line, certificate_id))
    written = kept_inventory.append(step, progress.run.entries, entries)
    s3.write(step.clients.s3, declaration.bucket, asked_key, json.dumps(sorted(asked)).encode())
    if is_done:
        record_account(step, claim, ())
    return Outcome("Recover", replace(progress, run=replace(progress.run, entries=written)))


def _keys(step: Step, claim: Claim, index: Index) -> tuple[dict[str, SentLine], set[str]]:
    """Return the keys that may have a certificate that nobody knows, and those that are known."""
    declaration = step.request.declaration
    wanted: dict[str, SentLine] = {}
    known: set[str] = set()
    for task in claim.unclear:
        key = sent_key(declaration, task.input_key)
        for line in sent_lines.read(step.clients, declaration, key):
            entry = index.by_key(line.key)
            if entry is not None:
                known.add(entry.certificate_id)
            elif line.certificate == "csr":
                wanted[line.key] = line
    return wanted, known


def _key(step: Step, certificate_id: str) -> str:
    """Return the key of a certificate; empty where it cannot be read, or is gone."""
    certificate = registry.certificate(step.clients.iot, certificate_id)
    try:
        return key_of_certificate(certificate.pem) if certificate else ""
    except UnreadableCertificate:
        return ""


def _orphan(line: SentLine, certificate_id: str) -> Entry:
    return Entry(
        "orphan",
        line.thing_name,
        key=line.key,
        certificate_id=certificate_id,
        certificate_made=True,
        at=int(time.time()),
    )
