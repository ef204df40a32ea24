"""The step that starts the task: at most once for each request, when the slot is free.

AWS runs one registration task at a time, and StartThingRegistrationTask has no client token.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

import failure_reason
import last_task
from aws import registration_tasks
from aws.registration_tasks import ENDED, RUNNING, Task
from errors import RegistrationError
from own_tasks import is_ours, start_call
from progress import Progress
from step import Outcome, Step
from timing import (
    INVALID_REQUEST_BUDGET,
    LOST_START_BUDGET,
    ROLE_BUDGET,
    SLOT_FREED_BUDGET,
    START_BUDGET,
    START_WINDOW,
    retry_wait,
    slot_wait,
)

THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException")
UNAUTHORIZED = ("UnauthorizedException", "AccessDeniedException", "AccessDenied")


def start(step: Step) -> Outcome:
    """Start the task, adopt the one that an earlier attempt has started, or wait for the slot."""
    began = time.time()
    progress = replace(step.progress, waiting_since=step.progress.waiting_since or began)
    if step.retries:
        progress = _maybe_started(progress)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    task = _started_before(step, running, progress)
    if task is not None:
        return _started(step, progress, task)
    if running:
        return _wait_for_slot(step, progress, running)
    # The lists may have taken long: the time is read after them.
    now = time.time()
    if progress.maybe_started_at and now - progress.maybe_started_at < LOST_START_BUDGET:
        return Outcome("Start", progress, wait=5)
    if now - step.entered_at > START_WINDOW:
        return Outcome("Start", progress, wait=1)
    progress = replace(progress, maybe_started_at=0)
    try:
        task_id = registration_tasks.start(step.clients.iot_once, start_call(step.request))
    except ClientError as error:
        return _refused(step, progress, error)
    except BotoCoreError as error:
        return _try_again(_maybe_started(progress), str(error), START_BUDGET)
    return _started(step, progress, registration_tasks.describe(step.clients.iot, task_id))


def _maybe_started(progress: Progress) -> Progress:
    """Record that a start may have reached AWS now, although its answer was lost."""
    return replace(progress, maybe_started_at=time.time())


def _started_before(step: Step, running: list[Task], progress: Progress) -> Task | None:
    """Find the task of an earlier attempt by its input key, which is unique to the request."""
    request = step.request

    def first(tasks: Iterable[Task]) -> Task | None:
        mine = (task for task in tasks if is_ours(task, request.declaration))
        return next((task for task in mine if task.key == request.task_input_key), None)

    found = first(running)
    if found is None and progress.maybe_started_at:
        found = first(registration_tasks.tasks(step.clients.iot, ENDED))
    return found


def _started(step: Step, progress: Progress, task: Task) -> Outcome:
    last_task.remember(step.clients, step.request, task)
    return Outcome(
        "Observe",
        replace(progress, task_id=task.task_id, started_at=task.created_at or time.time()),
        wait=2,
    )


def _wait_for_slot(step: Step, progress: Progress, running: list[Task]) -> Outcome:
    for task in running:
        if is_ours(task, step.request.declaration) and task.status == "InProgress":
            registration_tasks.stop(step.clients.iot, task.task_id)
    holder = failure_reason.slot_holder(running)
    now = time.time()
    waited = now - progress.waiting_since
    print(f"waiting for the account's one registration task slot: {holder}")
    if now > progress.deadline:
        raise RegistrationError(failure_reason.slot_taken(waited, holder))
    return Outcome("Start", replace(progress, slot_taken_at=now), wait=slot_wait(waited))


def _refused(step: Step, progress: Progress, error: ClientError) -> Outcome:
    """Decide what AWS's refusal means; its error for a taken slot is not documented."""
    code = error.response["Error"]["Code"]
    refusal = f"{code}: {error.response['Error'].get('Message', '')}"
    role_arn = step.request.declaration.role_arn
    if code in THROTTLED:
        return _try_again(progress, refusal, START_BUDGET)
    if code == "InternalFailureException" or _http_status(error) >= 500:
        return _try_again(_maybe_started(progress), refusal, START_BUDGET)
    if code in UNAUTHORIZED:
        advice = failure_reason.not_authorized(role_arn)
        return _try_again(progress, f"{refusal} ({advice})", ROLE_BUDGET)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if code != "InvalidRequestException" or running:
        return _wait_for_slot(step, replace(progress, failing_since=0), running)
    if re.search(r"role|assum|trust", refusal, re.IGNORECASE):
        advice = failure_reason.role_not_usable(role_arn)
        return _try_again(progress, f"{refusal} ({advice})", ROLE_BUDGET)
    # Only words about the template are believed soon; any others may be about the role or the slot.
    about_template = re.search(r"template", refusal, re.IGNORECASE)
    budget = INVALID_REQUEST_BUDGET if about_template else ROLE_BUDGET
    if time.time() - progress.slot_taken_at < SLOT_FREED_BUDGET:
        budget = SLOT_FREED_BUDGET
    return _try_again(progress, f"{refusal} ({failure_reason.INVALID_REQUEST})", budget)


def _try_again(progress: Progress, why: str, budget: int) -> Outcome:
    """Come back after a while with jitter, unless AWS has refused for the whole budget."""
    now = time.time()
    failing_since = progress.failing_since or now
    elapsed = now - failing_since
    print(f"the start was refused, trying again: {why}")
    if elapsed > budget or now > progress.deadline:
        raise RegistrationError(failure_reason.not_started(elapsed, why))
    return Outcome("Start", replace(progress, failing_since=failing_since), retry_wait(elapsed))


def _http_status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
