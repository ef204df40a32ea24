"""What happens to our objects when an update changes the bucket or the prefix."""

import time
from dataclasses import replace

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.request.request import Declaration, Request
from thing_registration_worker.state import last_run
from thing_registration_worker.state.claim import Claim, Unclear
from thing_registration_worker.timing import OBJECTS_CALL_BUDGET


def move(clients: Clients, request: Request, old: Declaration, old_claim: Claim) -> bool:
    """Take reports, inventory and record along; delete the old ones unless they are retained.

    Inputs stay: each is read by one task only. A rollback moves everything back in the same way.

    Returns:
        Whether all is done; False when the next call has to go on.
    """
    new, end = request.declaration, time.time() + OBJECTS_CALL_BUDGET
    places = (
        (old.keys.runs, new.keys.runs),
        (old.keys.inventory, new.keys.inventory),
    )
    for source, target in places:
        if not s3.copy_below(clients.s3, (old.bucket, source), (new.bucket, target), end):
            return False
    record = last_run.recall(clients, old)
    if record is not None:
        last_run.write(clients, new, record)
    _take_unclear_along(clients, new, old_claim)
    if not old.empty_on_delete:
        return True
    if time.time() < old_claim.quiet_at:
        return False
    if not s3.empty(clients.s3, old.bucket, old.keys.written, end):
        return False
    s3.empty(clients.s3, old.bucket, (old.keys.claim,), end)
    return True


def _take_unclear_along(clients: Clients, new: Declaration, old_claim: Claim) -> None:
    """Let the new place know which tasks may have made certificates that no report names.

    The last start is one of them, unless its task has been accounted for.
    """
    start, unclear = old_claim.last_start, old_claim.unclear
    if start is not None:
        unclear += (Unclear(start.task_id, start.input_key, start.sent_at, time.time()),)
    if unclear:
        body = replace(old_claim, unclear=unclear).unclear_to_json()
        s3.write(clients.s3, new.bucket, new.keys.unclear, body)
