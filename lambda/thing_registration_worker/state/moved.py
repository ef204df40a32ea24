"""What happens to our objects when an update changes the bucket or the prefix."""

from dataclasses import replace

from thing_registration_worker.aws import s3, s3_deletion
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.state.head import Head, StateObject, StoredState
from thing_registration_worker.step import Step


def move(step: Step, old: Declaration, old_head: Head | None) -> bool:
    """Take the state and the reports along; delete the old objects unless they are retained.

    Inputs stay: each is read by one task only. A rollback moves everything back in the same way.

    Args:
        step: the step; its head is that of the new place.
        old: where everything was.
        old_head: the head there; None where there is none any more.

    Returns:
        Whether all is done; False when the next call has to go on.
    """
    new = step.request.declaration
    if old_head is not None and not step.run.has_moved:
        source, target = (old.bucket, old.keys.runs), (new.bucket, new.keys.runs)
        if not s3.copy_below(step.clients.s3, source, target, step.end):
            return False
        step.commit(
            replace(step.run, has_moved=True),
            state=_copied(step, old, old_head),
            state_number=max(old_head.state_number, step.held.state_number),
            start=old_head.start,
            last_run=old_head.last_run,
            runner=old_head.runner,
            runner_received_at=old_head.runner_received_at,
        )
    if not old.empty_on_delete:
        return True
    if not s3_deletion.empty(step.clients.s3, old.bucket, old.keys.written, step.end):
        return False
    s3_deletion.empty(step.clients.s3, old.bucket, (old.keys.head,), step.end)
    return True


def _copied(step: Step, old: Declaration, old_head: Head) -> StoredState | None:
    """Copy the objects of the state, each under its name."""
    stored = old_head.state
    if stored is None:
        return None

    def copied(each: StateObject) -> StateObject:
        new = step.request.declaration
        key = new.keys.states + each.key.removeprefix(old.keys.states)
        s3.copy(step.clients.s3, (old.bucket, each.key), (new.bucket, key))
        return StateObject(key, each.size)

    return StoredState(copied(stored.base), tuple(map(copied, stored.changes)))
