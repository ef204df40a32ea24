"""The statuses of the certificates that a part of a run knows, from lists of 250 of the account.

A list costs as many calls as the account has certificates, DescribeCertificate one per certificate.
So pages are read until each certificate of the part was seen, or as many pages as it has
certificates: what is missing then is described one by one.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from thing_registration_worker.aws import registry
from thing_registration_worker.run.run import Run
from thing_registration_worker.state.devices import blob, digits
from thing_registration_worker.step import Step

# So many are described in a second: DescribeCertificate is not waited for.
FEW = 5


def listed(step: Step) -> Mapping[str, str]:
    """Return the statuses, by the certificates' ids, that `list_statuses` has found."""
    return {
        digits(one): status
        for one, status in step.db.execute("SELECT certificate_id, status FROM status")
    }


def list_statuses(step: Step, certificate_ids: Collection[str]) -> Run:
    """List statuses, for so long as a call may take.

    Args:
        step: its run says where the lists of the call before ended.
        certificate_ids: of whom.

    Returns:
        The run; `listed` when there is nothing more to list.
    """
    run = step.run
    if not run.pages:
        step.db.execute("DELETE FROM status")
    if len(certificate_ids) <= FEW:
        return replace(run, listed=True)
    found, pages = len(listed(step)), run.pages
    while run.pages < len(certificate_ids) and found < len(certificate_ids):
        if run.pages and not run.marker:
            break
        if step.is_over and run.pages > pages:
            return run
        page = registry.certificate_page(step.clients.iot, run.marker)
        new = [
            (blob(one.certificate_id), one.status)
            for one in page.certificates
            if one.certificate_id in certificate_ids
        ]
        step.db.executemany(
            "INSERT OR REPLACE INTO status (certificate_id, status) VALUES (?, ?)", new
        )
        found += len(new)
        run = replace(run, pages=run.pages + 1, marker=page.marker)
    return replace(run, listed=True)
