"""The statuses of the certificates that a part of a run knows, from lists of 250 of the account.

A list costs as many calls as the account has certificates, DescribeCertificate one per certificate.
So pages are read until each certificate of the part was seen, or as many pages as it has
certificates: what is missing then is described one by one.
"""

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from thing_registration_worker.aws import registry, s3
from thing_registration_worker.run.progress import Run
from thing_registration_worker.step import Step

# So many are described in a second: DescribeCertificate is not waited for.
FEW = 5


def listed(step: Step) -> Mapping[str, str]:
    """Return the statuses, by the certificates' ids, that `list_statuses` has found."""
    return _read(step) if step.progress.run.pages else {}


def list_statuses(step: Step, certificate_ids: Collection[str], end: float) -> tuple[Run, bool]:
    """List statuses until the time has come.

    Args:
        step: its run says where the lists of the call before ended.
        certificate_ids: of whom.
        end: when to leave the rest to the next call, in epoch seconds.

    Returns:
        The run, and whether there is nothing more to list.
    """
    if len(certificate_ids) <= FEW:
        return step.progress.run, True
    run, found = step.progress.run, dict(listed(step))
    is_over = bool(run.pages) and not run.marker
    while not is_over and run.pages < len(certificate_ids) and len(found) < len(certificate_ids):
        if time.time() > end:
            break
        page = registry.certificate_statuses(step.clients.iot, run.marker)
        found.update({one: page.statuses[one] for one in page.statuses if one in certificate_ids})
        run, is_over = replace(run, pages=run.pages + 1, marker=page.marker), not page.marker
    else:
        is_over = True
    if run.pages != step.progress.run.pages:
        body = json.dumps(found).encode()
        s3.write(step.clients.s3, step.request.declaration.bucket, _key(step), body)
    return run, is_over


def _read(step: Step) -> Mapping[str, str]:
    body = s3.read(step.clients.s3, step.request.declaration.bucket, _key(step))
    statuses: Mapping[str, str] = json.loads(body or b"{}")
    return statuses


def _key(step: Step) -> str:
    return step.request.declaration.keys.work(step.request.request_id, "statuses.json")
