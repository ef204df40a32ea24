"""Certificates that AWS has made for lines which then failed, or whose reports are lost."""

import json
import time
from collections.abc import Iterable, Iterator

from thing_registration_worker.aws import registry, s3
from thing_registration_worker.fleet.inventory import Index
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.public_keys import UnreadableCertificate, key_of_certificate
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice
from thing_registration_worker.run import sent_lines
from thing_registration_worker.run.run_parts import FILE, input_request, sent_key
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.state.claim import Unclear
from thing_registration_worker.step import Step
from thing_registration_worker.timing import LOOK_UP_CALL_BUDGET

ASKED = "asked.json"


def find(step: Step, unclear: tuple[Unclear, ...]) -> tuple[int, bool]:
    """Keep the certificates of our keys that were made since the unclear tasks began.

    Returns:
        How many parts of the inventory the run has written by now, and whether all were found; if
        not, the next call goes on.
    """
    end = time.time() + LOOK_UP_CALL_BUDGET
    declaration, request_id = step.request.declaration, step.request.request_id
    index = kept_inventory.read(step.clients, declaration)
    wanted, known = _keys(step, unclear, index)
    asked_key = declaration.keys.work(request_id, ASKED)
    # The certificates described so far: id to public key; empty if the key is not one of ours.
    asked: dict[str, str] = json.loads(
        s3.read(step.clients.s3, declaration.bucket, asked_key) or b"{}"
    )
    since, is_done = min(task.sent_at for task in unclear), True
    for certificate_id in registry.certificates_made_since(step.clients.iot, since):
        if wanted.keys() <= {*asked.values()}:
            break
        if certificate_id in known or certificate_id in asked:
            continue
        if time.time() > end:
            is_done = False
            break
        key = _key_of(step, certificate_id)
        is_new = key in wanted and key not in asked.values()
        asked[certificate_id] = key if is_new else ""
    s3.write(step.clients.s3, declaration.bucket, asked_key, json.dumps(asked).encode())
    if not is_done:
        return step.progress.run.entries, False
    # All of them at once: who finds some in the inventory does not look for more.
    found = [_orphan(wanted[key], key, one) for one, key in asked.items() if key in wanted]
    written = kept_inventory.append(step, step.progress.run.entries, found)
    _settle(step, unclear)
    return written, True


def _keys(
    step: Step, unclear: tuple[Unclear, ...], index: Index
) -> tuple[dict[str, str], set[str]]:
    """Return the keys, with their things, of which no certificate is known; and those known."""
    wanted: dict[str, str] = {}
    known: set[str] = set()
    for thing_name, key in _candidates(step, unclear):
        entry = index.by_key(key)
        if entry is None:
            wanted[key] = thing_name
        else:
            known.add(entry.certificate_id)
    return wanted, known


def _candidates(step: Step, unclear: tuple[Unclear, ...]) -> Iterator[tuple[str, str]]:
    """Yield the things and keys that the unclear tasks have read.

    What a task of another bucket has read is not known here: it may have been any line of the file.
    """
    declaration = step.request.declaration
    for task in unclear:
        sent = sent_lines.read(step.clients, declaration, sent_key(declaration, task.input_key))
        is_known = False
        for line in sent:
            is_known = True
            if line.certificate == "csr":
                yield line.thing_name, line.key
        if not is_known:
            yield from _of_file(step)
            return


def _of_file(step: Step) -> Iterator[tuple[str, str]]:
    declaration = step.request.declaration
    if step.request.kind == "Delete":
        return
    resolver = Resolver(declaration.template_body)
    key = declaration.keys.work(step.request.request_id, FILE)
    for line in s3.lines_from(step.clients.s3, declaration.bucket, key, 0):
        if not line.strip():
            continue
        try:
            device = resolver.resolve(line)
        except (UnresolvedDevice, UnreadableCertificate):
            continue
        if device.certificate == "csr":
            yield device.thing_name, device.key


def _settle(step: Step, unclear: Iterable[Unclear]) -> None:
    """Leave a mark of each task, so that no later run asks about it again."""
    declaration = step.request.declaration
    for task in unclear:
        key = declaration.keys.work(input_request(declaration, task.input_key), "accounted")
        s3.write(step.clients.s3, declaration.bucket, key, b"")


def _key_of(step: Step, certificate_id: str) -> str:
    """Return the key of a certificate; empty where it cannot be read, or is gone."""
    certificate = registry.certificate(step.clients.iot, certificate_id)
    try:
        return key_of_certificate(certificate.pem) if certificate else ""
    except UnreadableCertificate:
        return ""


def _orphan(thing_name: str, key: str, certificate_id: str) -> Entry:
    return Entry(
        "orphan",
        thing_name,
        key=key,
        certificate_id=certificate_id,
        certificate_made=True,
        at=int(time.time()),
    )
