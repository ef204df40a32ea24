"""Access that is denied: believed only after a while, because new rights reach AWS late."""

import time
from dataclasses import replace

from botocore.exceptions import ClientError

from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import access_denied, nothing_registered
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import DENIED_BUDGET


def come_back(step: Step, error: ClientError) -> Outcome:
    """Do the step again later.

    Raises:
        ClientError: it is another error.
        RegistrationError: access has been denied for the whole budget.
    """
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) != 403:
        raise error
    now = time.time()
    since = step.progress.denied_since or now
    print(f"access is denied, trying again: {error}")
    if now - since > DENIED_BUDGET or now > step.progress.deadline:
        why = access_denied(now - since, str(error))
        raise RegistrationError(why if step.progress.run.succeeded else nothing_registered(why))
    return Outcome(step.name, replace(step.progress, denied_since=since), wait=5)
