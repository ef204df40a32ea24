"""The account's one slot for registration tasks: waited for, and its holder named."""

import time
from dataclasses import replace

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import slot_holder, slot_taken
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.step import Outcome
from thing_registration_worker.tasks.own_tasks import KNOWN
from thing_registration_worker.timing import slot_wait


def wait(progress: Progress, running: list[Task]) -> Outcome:
    """Come back while another task runs.

    What it registers may be devices of ours: so the registry is asked when it has ended, unless
    everything that is left has its certificate.

    Args:
        progress: how long the slot has been waited for.
        running: the tasks that take it; none if AWS does not list the one that does.

    Raises:
        RegistrationError: the deadline has passed.
    """
    now = time.time()
    since = progress.waiting_since or now
    holder = slot_holder(running)
    print(f"waiting for the account's one registration task slot: {holder}")
    if now > progress.deadline:
        raise RegistrationError(slot_taken(now - since, holder))
    progress = replace(progress, waiting_since=since, slot_taken_at=now)
    if progress.run.file == KNOWN:
        return Outcome("Start", progress, wait=slot_wait(now - since))
    again = progress.run.undecided()
    return Outcome("LookUp", replace(progress, run=again), wait=slot_wait(now - since))
