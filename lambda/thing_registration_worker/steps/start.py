"""The step that starts the task: at most once for each file, when the slot is free.

AWS runs one registration task at a time, and StartThingRegistrationTask has no client token.
"""

import re
import secrets
import time
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker import failure_reason
from thing_registration_worker.aws import registration_tasks
from thing_registration_worker.aws.registration_tasks import RUNNING
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.errors import RegistrationError, Superseded
from thing_registration_worker.removal import exclusive_certificates
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import lines
from thing_registration_worker.state.head import Start
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.tasks import own_task, slot
from thing_registration_worker.tasks.own_task import OwnTask
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
        Superseded: a newer request has the head.
    """
    run, sent = step.run, step.held.start
    call = start_call(step.request, run)
    if sent is not None and sent.input_key == call.key:
        task = started(step.clients, step.request.declaration, sent)
        if task is not None:
            return _started(step, run, task.task_id)
        if sent.is_open:
            return Outcome("Start", run, wait=5)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if running:
        return slot.wait(step, running)
    if time.time() > step.request.deadline:
        raise RegistrationError(failure_reason.not_started_in_time())
    sending = lines.of_file(step.db, run.part, run.file)
    try:
        if not exclusive_certificates.detach(step, sending):
            return Outcome("Start", run)
    except Refused as refusal:
        raise RegistrationError(failure_reason.nothing_registered(str(refusal))) from refusal
    # Committed before the call, and only while this request has the head: so no newer request has
    # looked for our tasks yet, and whoever comes later knows that there may be one. Of two copies
    # of this call, only one can commit its token.
    now = time.time()
    own_task.put(step.db, OwnTask(call.key, step.request.request_id, "", len(sending), now))
    step.commit(run, start=Start(call.key, now, secrets.token_hex(8)))
    try:
        task_id = registration_tasks.start(step.clients.iot_once, call)
    except ClientError as error:
        if _may_have_started(error):
            return _try_again(step, run, _refusal(error), START_BUDGET)
        own_task.forget(step.db, call.key)
        step.commit(run, start=None)
        return _refused(step, run, error)
    except BotoCoreError as error:
        return _try_again(step, run, str(error), START_BUDGET)
    return _started(step, run, task_id)


def _started(step: Step, run: Run, task_id: str) -> Outcome:
    """Record the task, or stop it where a newer request does not know of it."""
    sent = step.held.start
    assert sent is not None  # noqa: S101 - it was committed before the start
    own = own_task.find(step.db, sent.input_key)
    if own is not None:
        own_task.put(step.db, replace(own, task_id=task_id))
    try:
        step.commit(replace(run, task_id=task_id), start=replace(sent, task_id=task_id))
    except Superseded:
        stop(step.clients, [registration_tasks.describe(step.clients.iot, task_id)])
        raise
    task = registration_tasks.describe(step.clients.iot, task_id)
    started_at = task.created_at or time.time()
    return Outcome("Observe", replace(run, task_id=task_id, started_at=started_at), wait=2)


def _may_have_started(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return code == "InternalFailureException" or _http_status(error) >= 500


def _refusal(error: ClientError) -> str:
    return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}"


def _refused(step: Step, run: Run, error: ClientError) -> Outcome:
    """Decide what AWS's refusal means; its error for a taken slot is not documented."""
    code = error.response["Error"]["Code"]
    refusal = _refusal(error)
    role_arn = step.request.declaration.role_arn
    if code in THROTTLED:
        return _try_again(step, run, refusal, START_BUDGET)
    if code in UNAUTHORIZED:
        advice = failure_reason.not_authorized(role_arn)
        return _try_again(step, run, f"{refusal} ({advice})", ROLE_BUDGET)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if code != "InvalidRequestException" or running:
        return slot.wait(step, running)
    if re.search(r"role|assum|trust", refusal, re.IGNORECASE):
        advice = failure_reason.role_not_usable(role_arn)
        return _try_again(step, run, f"{refusal} ({advice})", ROLE_BUDGET)
    # Only words about the template are believed soon; any others may be about the role or the slot.
    about_template = re.search(r"template", refusal, re.IGNORECASE)
    budget = INVALID_REQUEST_BUDGET if about_template else ROLE_BUDGET
    if time.time() - run.slot_taken_at < SLOT_FREED_BUDGET:
        budget = SLOT_FREED_BUDGET
    return _try_again(step, run, f"{refusal} ({failure_reason.INVALID_REQUEST})", budget)


def _try_again(step: Step, run: Run, why: str, budget: int) -> Outcome:
    """Come back after a while with jitter, unless AWS has refused for the whole budget."""
    now = time.time()
    failing_since = run.failing_since or now
    elapsed = now - failing_since
    print(f"the start was refused, trying again: {why}")
    if elapsed > budget or now > step.request.deadline:
        raise RegistrationError(failure_reason.not_started(elapsed, why))
    return Outcome("Start", replace(run, failing_since=failing_since), retry_wait(elapsed))


def _http_status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
