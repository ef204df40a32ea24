"""The account's one slot for registration tasks: waited for, and its holder named."""

import time
from dataclasses import replace

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import slot_holder, slot_taken
from thing_registration_worker.state import lines
from thing_registration_worker.state.lines import KNOWN
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import SLOT_NOTED_EVERY, slot_wait


def wait(step: Step, running: list[Task]) -> Outcome:
    """Come back while another task runs.

    What it registers may be devices of ours: so the registry is asked when it has ended, unless
    everything that is left has its certificate.

    Args:
        step: the step that needs the slot.
        running: the tasks that take it; none if AWS does not list the one that does.

    Raises:
        RegistrationError: the deadline has passed.
    """
    now, run = time.time(), step.run
    since = run.waiting_since or now
    holder = slot_holder(running)
    print(f"waiting for the account's one registration task slot: {holder}")
    if now > step.request.deadline:
        raise RegistrationError(slot_taken(now - since, holder))
    # Not each look is worth a write.
    seen_at = now if now - run.slot_taken_at > SLOT_NOTED_EVERY else run.slot_taken_at
    run = replace(run, waiting_since=since, slot_taken_at=seen_at, failing_since=0)
    if run.file == KNOWN:
        return Outcome("Start", run, slot_wait(now - since))
    lines.reset(step.db, run.part)
    return Outcome("LookUp", run.undecided(), slot_wait(now - since))
