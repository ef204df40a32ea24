"""Every wait, budget and timeout of the registration, in seconds."""

import random
import time

# A client gives up connecting, and then waiting for an answer, after so long.
CONNECT_TIMEOUT = 5
READ_TIMEOUT = 20
START_READ_TIMEOUT = 10
# Stopping an execution does not stop a call of the worker that is under way: it ends by itself. So
# long the next request may have to wait: it is short.
WORKER_TIMEOUT = 60

# How long AWS may refuse a start before its error is believed.
START_BUDGET = 300
# After a start that may have reached AWS although its answer was lost, the task is looked for so
# long before another start: as long as the start's client waits, and a minute that
# ListThingRegistrationTasks may lag.
LOST_START_BUDGET = CONNECT_TIMEOUT + START_READ_TIMEOUT + 60
# A new role or policy is not known everywhere at once.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
ROLE_BUDGET = 45
# AWS does not document whether it calls a taken slot an invalid request, and the task that has it
# may have ended or not be listed yet: so the start is tried again before the error is believed.
INVALID_REQUEST_BUDGET = 10
# AWS may free the slot late: for so long after a running task was seen, the same holds.
SLOT_FREED_BUDGET = 120
# So exactly is it known.
SLOT_NOTED_EVERY = 30
# How long S3 or IoT may deny access before or after the task until the denial is believed.
DENIED_BUDGET = 90

# A Delete that empties the bucket may take most of the hour that CloudFormation waits. Another one
# ends within the resource's timeout and what stopping a task needs: its ServiceTimeout allows 10
# minutes more than the timeout.
EMPTYING_TIMEOUT = 50 * 60
STOPPING_TIMEOUT = 5 * 60
# How long AWS may take to cancel a task before the request is answered without its end.
CANCEL_BUDGET = 180

# How late the counts and the reports of an ended task may come: AWS does not document it.
COUNTS_BUDGET = 30
REPORTS_BUDGET = 120
LINK_TIMEOUT = 10

# One call of the worker works for so long and leaves the rest to the next.
CALL_BUDGET = 20
# The registry may lag a task: certificates without a report are looked for so long after its end.
REGISTRY_LAG = 60

# "It might take several seconds for the detachment to propagate": what is refused meanwhile is
# tried again for so long.
# https://docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
DETACH_BUDGET = 30

# AWS keeps tasks for 30 days after their end.
KEPT_TASKS_SECONDS = 40 * 24 * 60 * 60
# Objects of the state that no longer count are deleted when they are so old.
KEPT_STATES_SECONDS = 24 * 60 * 60

ANSWER_TIMEOUT = 10
ANSWER_ATTEMPTS = 4


def now() -> float:
    """Return the time in epoch seconds."""
    return time.time()


def poll_wait(elapsed: float) -> int:
    """Return how long to wait before the next look at a task: 2 s, growing to 30 s.

    Waits grow because an execution's history ends at 25,000 events and Describe is limited to 10
    calls per second for the whole account. A one-hour task is described fewer than 200 times.
    """
    return max(2, min(30, round(elapsed / 25)))


def slot_wait(elapsed: float) -> int:
    """Return how long to wait before the next look at a taken slot: 2 s, growing to 5 s.

    The longest waiter looks nearly as often as a newcomer, so that newcomers do not overtake it.
    """
    return min(5, poll_wait(elapsed))


def retry_wait(elapsed: float) -> int:
    """Return how long to wait before the next start: random, up to 20 s."""
    return random.randint(1, max(2, min(20, round(elapsed))))  # noqa: S311 - jitter


def answer_wait(attempt: int) -> int:
    """Return how long to wait after a failed attempt to send the answer, counted from 1."""
    return 1 << (attempt - 1)
