"""Objects of the state that no longer count."""

import time

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws import s3, s3_deletion
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.step import Step
from thing_registration_worker.timing import KEPT_STATES_SECONDS


def delete_old_states(step: Step) -> None:
    """Delete what is older than a day and than the last two bases, all versions.

    What the head names stays. What cannot be deleted is deleted another time.
    """
    head, place = step.head, step.place
    if head is None or head.state is None:
        return
    kept = {each.key for each in (head.state.base, *head.state.changes)}
    try:
        found = list(s3.objects_below(step.clients.s3, place.bucket, place.keys.states))
        bases = sorted(each.key for each in found if each.key.endswith(".sqlite"))
        oldest_kept = bases[-2] if len(bases) > 1 else ""
        before = time.time() - KEPT_STATES_SECONDS
        old = [
            each.key
            for each in found
            if each.key not in kept and each.key < oldest_kept and each.written_at < before
        ]
        if old:
            s3_deletion.empty(step.clients.s3, place.bucket, tuple(old), step.end)
    except (ClientError, BotoCoreError, RegistrationError) as error:
        print(f"old states are not deleted: {error}")
