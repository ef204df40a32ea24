"""The step that starts the task: at most once for each request, when the slot is free.

AWS runs one registration task at a time, and StartThingRegistrationTask has no client token.
"""

import re
import time
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker import failure_reason
from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.registration_tasks import RUNNING
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.state.claim import Claim, LastStart, held, record_start
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import slot
from thing_registration_worker.tasks.own_tasks import start_call, started, stop
from thing_registration_worker.timing import (
    INVALID_REQUEST_BUDGET,
    ROLE_BUDGET,
    SLOT_FREED_BUDGET,
    START_BUDGET,
    retry_wait,
)

THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException")
UNAUTHORIZED = ("UnauthorizedException", "AccessDeniedException", "AccessDenied")


def start(step: Step) -> Outcome:
    """Start the task, adopt the one that an earlier attempt has started, or wait for the slot.

    Raises:
        RegistrationError: the deadline has passed.
        Superseded: a newer request has the claim.
    """
    progress, claim = step.progress, held(step)
    sent = claim.last_start
    call = start_call(step.request, progress)
    if sent is not None and sent.input_key == call.key:
        task = started(step.clients, step.request.declaration, sent)
        if task is not None:
            return _started(step, progress, claim, task.task_id)
        if sent.is_open:
            return Outcome("Start", progress, wait=5)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if running:
        return slot.wait(progress, running)
    if time.time() > progress.deadline:
        raise RegistrationError(failure_reason.not_started_in_time())
    # Written before the call, and only while this request has the claim: so no newer request has
    # looked for our tasks yet, and whoever comes later knows that there may be one.
    claim = record_start(step, claim, LastStart(call.key, time.time()))
    try:
        task_id = registration_tasks.start(step.clients.iot_once, call)
    except ClientError as error:
        if _may_have_started(error):
            return _try_again(progress, _refusal(error), START_BUDGET)
        record_start(step, claim, None)
        return _refused(step, progress, error)
    except BotoCoreError as error:
        return _try_again(progress, str(error), START_BUDGET)
    return _started(step, progress, claim, task_id)


def _started(step: Step, progress: Progress, claim: Claim, task_id: str) -> Outcome:
    """Record the task, or stop it where a newer request does not know of it."""
    sent = claim.last_start
    try:
        record_start(step, claim, replace(sent, task_id=task_id) if sent else None)
    except Superseded:
        stop(step.clients, [registration_tasks.describe(step.clients.iot, task_id)])
        raise
    task = registration_tasks.describe(step.clients.iot, task_id)
    started_at = task.created_at or time.time()
    return Outcome("Observe", replace(progress, task_id=task_id, started_at=started_at), wait=2)


def _may_have_started(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return code == "InternalFailureException" or _http_status(error) >= 500


def _refusal(error: ClientError) -> str:
    return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}"


def _refused(step: Step, progress: Progress, error: ClientError) -> Outcome:
    """Decide what AWS's refusal means; its error for a taken slot is not documented."""
    code = error.response["Error"]["Code"]
    refusal = _refusal(error)
    role_arn = step.request.declaration.role_arn
    if code in THROTTLED:
        return _try_again(progress, refusal, START_BUDGET)
    if code in UNAUTHORIZED:
        advice = failure_reason.not_authorized(role_arn)
        return _try_again(progress, f"{refusal} ({advice})", ROLE_BUDGET)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if code != "InvalidRequestException" or running:
        return slot.wait(replace(progress, failing_since=0), running)
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
