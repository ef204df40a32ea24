"""The step of a rollback: what its update has retired, or brought back, is taken back."""

import time

from botocore.exceptions import ClientError

from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import not_brought_back
from thing_registration_worker.removal import retired_devices
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import DENIED_BUDGET


def bring_back(step: Step) -> Outcome:
    """Bring certificates back that were set INACTIVE, and attach those that were detached.

    What had returned with its line is retired again.

    Raises:
        RegistrationError: AWS refuses or denies it, or the time is over: the devices are named.
        Superseded: a newer request has the head.
    """
    following = "Stop" if step.request.kind == "Delete" else "Answer"
    if time.time() < step.held.quiet_at:
        # A call for the update may still be at work.
        return Outcome("BringBack", wait=5)
    changes = retired_devices.by(step.db, step.held.runner)
    for done, each in enumerate(changes):
        if done and step.is_over:
            break
        try:
            retired_devices.take_back(step, each)
        except Refused as refusal:
            raise RegistrationError(not_brought_back([each.thing], str(refusal))) from refusal
        except ClientError as error:
            if time.time() - step.call.since < DENIED_BUDGET:
                raise
            left = [one.thing for one in changes[done:]]
            raise RegistrationError(not_brought_back(left, str(error))) from error
    else:
        return Outcome(following, fold=True)  # type: ignore[arg-type] # one of two steps
    if time.time() > step.request.deadline:
        left = [one.thing for one in changes[done:]]
        raise RegistrationError(not_brought_back(left, "the time for it is over"))
    return Outcome("BringBack")
