"""The step that starts the task: at most once for each request, when the slot is free.

AWS runs one registration task at a time, and StartThingRegistrationTask has no client token.
"""

import random
import re
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone

from botocore.exceptions import BotoCoreError, ClientError

import last_task
import registration_tasks
from failures import RegistrationError
from ours import is_ours
from prepare import start_call
from progress import Outcome, Progress, pace
from registration_tasks import ENDED, RUNNING, Task
from step import Step

# Stopping an execution does not stop a call of the worker that is under way. A start is sent at
# most START_WINDOW after its step was entered, and has been answered or given up 15 s later
# (connect and read timeout of the client), so that SETTLE after a stop nothing new can appear.
START_WINDOW = 10
SETTLE = START_WINDOW + 15
# How long AWS may refuse before we take it at its word.
RETRY_BUDGET = 300
# A new role or policy is not known everywhere at once.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
ROLE_BUDGET = 45
# Whether AWS calls a taken slot an invalid request is not documented, and who had it may be gone or
# not be listed yet: so an invalid request is made again for a moment before it is believed.
REFUSAL_BUDGET = 10

THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException")
UNAUTHORIZED = ("UnauthorizedException", "AccessDeniedException", "AccessDenied")


def start(step: Step) -> Outcome:
    """Start the task, adopt the one that an earlier attempt has started, or wait for the slot."""
    now = time.time()
    progress = replace(
        step.progress,
        maybe_started=step.progress.maybe_started or step.retries > 0,
        waiting_since=step.progress.waiting_since or now,
    )
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    task = _started_before(step, running, progress)
    if task is not None:
        return _started(step, progress, task)
    if running:
        return _wait_for_slot(step, progress, running)
    if now - step.entered_at > START_WINDOW:
        return Outcome("Start", progress, wait=1)
    try:
        task_id = registration_tasks.start(step.clients.iot_once, start_call(step.request))
    except ClientError as error:
        return _refused(step, progress, error)
    except BotoCoreError as error:
        return _try_again(replace(progress, maybe_started=True), str(error), RETRY_BUDGET)
    return _started(step, progress, registration_tasks.describe(step.clients.iot, task_id))


def _started_before(step: Step, running: list[Task], progress: Progress) -> Task | None:
    """Find the task of an earlier attempt by its input key, which is unique to the request."""
    request = step.request

    def first(tasks: Iterable[Task]) -> Task | None:
        mine = (task for task in tasks if is_ours(task, request.declaration))
        return next((task for task in mine if task.key == request.input_key), None)

    found = first(running)
    if found is None and progress.maybe_started:
        found = first(registration_tasks.tasks(step.clients.iot, ENDED))
    return found


def _started(step: Step, progress: Progress, task: Task) -> Outcome:
    last_task.remember(step.clients, step.request, task)
    return Outcome(
        "Observe",
        replace(progress, task_id=task.task_id, started_at=task.created_at.timestamp()),
        wait=2,
    )


def _wait_for_slot(step: Step, progress: Progress, running: list[Task]) -> Outcome:
    for task in running:
        if is_ours(task, step.request.declaration) and task.status == "InProgress":
            registration_tasks.stop(step.clients.iot, task.task_id)
    blocked_by = ", ".join(_describe(task) for task in running) or "a task that AWS does not list"
    waited = time.time() - progress.waiting_since
    print(f"waiting for the account's one registration task slot: {blocked_by}")
    if time.time() > progress.deadline:
        raise RegistrationError(
            f"nothing was registered: after {waited / 60:.0f} minutes the account's one "
            f"registration task slot was still taken by {blocked_by}"
        )
    return Outcome("Start", progress, wait=pace(waited))


def _describe(task: Task) -> str:
    age = datetime.now(timezone.utc) - task.created_at
    return (
        f"task {task.task_id} ({task.status}, {task.percentage} % after "
        f"{age.total_seconds() / 60:.0f} minutes, input s3://{task.bucket}/{task.key})"
    )


def _refused(step: Step, progress: Progress, error: ClientError) -> Outcome:
    """Decide what AWS's refusal means; its error for a taken slot is not documented."""
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    role_arn = step.request.declaration.role_arn
    if code in THROTTLED:
        return _try_again(progress, f"{code}: {message}", RETRY_BUDGET)
    if code == "InternalFailureException" or _http_status(error) >= 500:
        lost = replace(progress, maybe_started=True)
        return _try_again(lost, f"{code}: {message}", RETRY_BUDGET)
    if code in UNAUTHORIZED:
        advice = (
            f"the worker's role must be allowed iot:* of this task and iam:PassRole on {role_arn}"
        )
        return _try_again(progress, f"{code}: {message} ({advice})", ROLE_BUDGET)
    running = list(registration_tasks.tasks(step.clients.iot, RUNNING))
    if code != "InvalidRequestException" or running:
        return _wait_for_slot(step, replace(progress, failing_since=0), running)
    if re.search(r"role|assume|trust", message, re.IGNORECASE):
        advice = f"AWS IoT must be trusted by {role_arn}"
        return _try_again(progress, f"{code}: {message} ({advice})", ROLE_BUDGET)
    advice = "correct the provisioning template, the input file or the role, and deploy again"
    return _try_again(progress, f"{code}: {message} ({advice})", REFUSAL_BUDGET)


def _try_again(progress: Progress, why: str, budget: int) -> Outcome:
    """Come back after a while with jitter, unless AWS has refused for the whole budget."""
    now = time.time()
    failing_since = progress.failing_since or now
    elapsed = now - failing_since
    print(f"the start was refused, trying again: {why}")
    if elapsed > budget or now > progress.deadline:
        raise RegistrationError(
            f"nothing was registered: AWS IoT did not start the task within {elapsed:.0f} seconds "
            f"({why})"
        )
    wait = random.randint(1, max(2, min(20, round(elapsed))))  # noqa: S311 - jitter
    return Outcome("Start", replace(progress, failing_since=failing_since), wait=wait)


def _http_status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
