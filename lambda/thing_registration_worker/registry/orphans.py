"""Certificates that AWS has made for lines which then failed, or whose reports are lost.

They are looked for between the start and the end of the tasks that may have made them. What was
asked once is not asked again, also not by a later deployment.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from thing_registration_worker.aws import registry, s3
from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK
from thing_registration_worker.fleet.public_keys import UnreadableCertificate, key_of_certificate
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice
from thing_registration_worker.registry import searches
from thing_registration_worker.registry.searches import Search
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate, blob, digits
from thing_registration_worker.state.schema import REGISTERED
from thing_registration_worker.step import Step


def find(step: Step, wanted_by: Sequence[Search], run: Run) -> tuple[Run, bool]:
    """Keep the certificates of our keys that these tasks have made, for so long as a call may take.

    Args:
        step: the step that looks.
        wanted_by: the tasks.
        run: what the run has come to.

    Returns:
        The run, and whether all were looked at; if not, the next call goes on.
    """
    wanted = _wanted(step, wanted_by)
    since = min(search.since for search in wanted_by) - registry.CLOCK_SKEW
    until = max(search.until for search in wanted_by) + registry.CLOCK_SKEW
    found = {digits(key) for (key,) in step.db.execute("SELECT key FROM asked WHERE key NOT NULL")}
    asked = 0
    while not wanted.keys() <= found:
        page = registry.certificate_page(step.clients.iot, run.search_marker)
        # One without a date may be of that time.
        ages = {one.certificate_id: one.created_at for one in page.certificates}
        of_then = [one for one, age in ages.items() if not age or since <= age <= until]
        for certificate_id in _unknown(step, of_then):
            if asked and step.is_over:
                return run, False
            asked += 1
            key = _key_of(step, certificate_id)
            if key in wanted and key not in found:
                found.add(key)
                _keep(step, KnownCertificate(certificate_id, key, wanted[key], True, REGISTERED))
            values = (blob(certificate_id), blob(key) if key in wanted else None)
            step.db.execute(
                "INSERT OR REPLACE INTO asked (certificate_id, key) VALUES (?, ?)", values
            )
        # The order within a page is not relied on: that of certificates made in one second is not
        # documented.
        is_last = not page.marker or any(0 < age < since for age in ages.values())
        if is_last:
            break
        run = replace(run, search_marker=page.marker)
        if step.is_over:
            return run, False
    searches.end(step.db)
    return replace(run, search_marker=""), True


def _keep(step: Step, certificate: KnownCertificate) -> None:
    if devices.by_key(step.db, certificate.key) is None:
        devices.put_certificate(step.db, certificate, int(time.time()))


def _wanted(step: Step, wanted_by: Sequence[Search]) -> dict[str, str]:
    """Return the keys, with their things, of which no certificate is known."""
    found = {digits(key): thing for key, thing in step.db.execute("SELECT key, thing FROM wanted")}
    if not all(search.is_known for search in wanted_by):
        # What such a task has read is not known: it may have been any line of the file.
        found |= dict(_of_file(step))
    return {key: thing for key, thing in found.items() if devices.by_key(step.db, key) is None}


def _of_file(step: Step) -> Iterator[tuple[str, str]]:
    declaration = step.request.declaration
    if step.request.kind == "Delete" or declaration.template.certificate != "csr":
        return
    resolver = Resolver(declaration.template)
    key = declaration.keys.file(step.request.request_id)
    lines = s3.lines_from(step.clients.s3, declaration.bucket, key, 0)
    for number, text in enumerate(lines):
        line = text if number else text.removeprefix(BYTE_ORDER_MARK)
        if not line.strip():
            continue
        try:
            device = resolver.resolve(line)
        except (UnresolvedDevice, UnreadableCertificate):
            continue
        yield device.key, device.thing_name


def _unknown(step: Step, certificate_ids: Sequence[str]) -> list[str]:
    """Return those of which the state knows nothing, and that were not asked about."""
    if not certificate_ids:
        return []
    marks = ", ".join("?" * len(certificate_ids))
    ids = [blob(one) for one in certificate_ids]
    rows = step.db.execute(
        f"""SELECT certificate_id FROM thing WHERE certificate_id IN ({marks})
        UNION SELECT certificate_id FROM certificate WHERE certificate_id IN ({marks})
        UNION SELECT certificate_id FROM asked WHERE certificate_id IN ({marks})""",  # noqa: S608
        ids * 3,
    )
    known = {digits(one) for (one,) in rows}
    return [one for one in certificate_ids if one not in known]


def _key_of(step: Step, certificate_id: str) -> str:
    """Return the key of a certificate; empty where it cannot be read, or is gone."""
    certificate = registry.certificate(step.clients.iot, certificate_id)
    try:
        return key_of_certificate(certificate.pem) if certificate else ""
    except UnreadableCertificate:
        return ""
