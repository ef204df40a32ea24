"""Every text that a failed deployment shows as its reason.

The reason is one line; `cfn_response` cuts it where the whole answer would be too long.
"""

import json
import time
from collections.abc import Iterable, Mapping

from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.fleet.input_text import MAX_LINE_BYTES
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.run.counts import Counts

# AWS's message may have 2,048 characters; the counts and the first failures need room as well.
MESSAGE_SHOWN = 1_000


def ended(task: Task) -> str:
    """Return how the task ended."""
    message = f" ({task.message[:MESSAGE_SHOWN]})" if task.message else ""
    return f"registration task {task.task_id} ended {task.status}{message}"


def run_failed(
    why: str, counts: Counts, failures: Iterable[str], allowed: int, reports_uri: str
) -> str:
    """Return why the deployment fails after its tasks: the counts, the reports, the first failures.

    Args:
        why: how the last task ended, or why it was given up.
        counts: of the run.
        failures: the first ones.
        allowed: how many devices may fail.
        reports_uri: where the reports are.
    """
    counted = f"{counts.succeeded} things registered, {counts.failed} failed"
    reason = f"{why}; {counted}, {allowed} may fail; reports: {reports_uri}"
    shown = "; ".join(failures)
    return f"{reason}; first failures: {shown}" if shown else reason


def counts_differ(task: Task, lines: int) -> str:
    """Return that the counts of a completed task are not those of its input."""
    total = task.success_count + task.failure_count
    return f"{ended(task)}, but its counts add up to {total} and the input has {lines} lines"


def reports_incomplete(result_lines: int, error_lines: int, task: Task) -> str:
    """Return how many lines of the reports could be kept, of how many."""
    return (
        f"kept {result_lines} of {task.success_count} lines of RESULTS and "
        f"{error_lines} of {task.failure_count} lines of ERRORS"
    )


def access_denied(elapsed: float, why: str) -> str:
    """Return an error of S3 or AWS IoT that stayed a denial for so many seconds."""
    return (
        f"access was denied for {elapsed:.0f} seconds: {why}; the worker's role must be allowed "
        "this call, and to use the KMS key of a bucket that is encrypted with one"
    )


def timed_out(task: Task, timeout: int) -> str:
    """Return how far the task came before its timeout in seconds."""
    return (
        f"registration task {task.task_id} was stopped at its timeout of {timeout / 60:g} minutes, "
        f"{task.percentage} % done: {task.success_count} registered, {task.failure_count} failed"
    )


def still_running(tasks: Iterable[Task]) -> str:
    """Return which of our tasks AWS has not ended although it was asked to stop them."""
    names = ", ".join(f"{task.task_id} ({task.status})" for task in tasks)
    return f"AWS was asked to stop these tasks but still runs them: {names}"


def slot_taken(waited: float, holder: str) -> str:
    """Return who had the slot until the deadline, after so many seconds."""
    return (
        f"nothing was registered: after {waited / 60:.0f} minutes the account's one registration "
        f"task slot was still taken by {holder}"
    )


def slot_holder(tasks: Iterable[Task]) -> str:
    """Return the tasks that take the slot, for the log and the reason."""
    return ", ".join(map(_progress_of, tasks)) or "a task that AWS does not list"


def _progress_of(task: Task) -> str:
    age = f" after {(time.time() - task.created_at) / 60:.0f} minutes" if task.created_at else ""
    return (
        f"task {task.task_id} ({task.status}, {task.percentage} %{age}, "
        f"input s3://{task.bucket}/{task.key})"
    )


def not_started_in_time() -> str:
    """Return that the request's time was over before its start."""
    return nothing_registered("the time for the deployment was over before the task could start")


def not_started(elapsed: float, why: str) -> str:
    """Return AWS's last error after so many seconds of attempts to start."""
    return (
        f"nothing was registered: AWS IoT did not start the task within {elapsed:.0f} seconds "
        f"({why})"
    )


def not_authorized(role_arn: str) -> str:
    """Return the advice for a start that AWS does not authorize."""
    return f"the worker's role must be allowed iot:* of this task and iam:PassRole on {role_arn}"


def role_not_usable(role_arn: str) -> str:
    """Return the advice for a role that AWS IoT cannot assume."""
    return f"{role_arn} must trust iot.amazonaws.com"


INVALID_REQUEST = "correct the provisioning template, the input file or the role, and deploy again"


def nothing_registered(why: str) -> str:
    """Return that nothing was started, and why."""
    return f"nothing was registered: {why}"


def not_begun(error: Exception) -> str:
    """Return why no execution of the workflow could be started."""
    return f"the registration could not begin: {type(error).__name__}: {error}"


def state_too_new(writer: str, reader: str) -> str:
    """Return that an older version of the worker cannot read what a newer one has written."""
    return nothing_registered(
        f"version {writer} of thing-registration has written the fleet's state, and this is "
        f"version {reader}, which cannot read it: deploy with version {writer} or a later one"
    )


def head_unreadable(uri: str, why: str) -> str:
    """Return that the object that says which state counts cannot be understood."""
    return nothing_registered(
        f"{uri} must be the head of a fleet's state, and cannot be read ({why}): restore an "
        "earlier version of it, or delete it: then AWS's registry is asked about each device"
    )


def deletion_not_in_time() -> str:
    """Return that the objects of a fleet could not be deleted in time."""
    return "the time was over before all objects of the fleet could be deleted: delete again"


def not_the_owner(owner: Owner, asked: Owner) -> str:
    """Return that the state at this bucket and prefix is another resource's, and the way out."""
    return nothing_registered(
        f"the state of these devices belongs to {owner}, and this is {asked}: give this task a "
        f"bucket or key_prefix of its own or, if it is to take the devices over, take_over="
        f'"{owner.path}"'
    )


def time_over(step: str) -> str:
    """Return that a request's time was over before its devices could be sent."""
    return nothing_registered(
        f"the time for the deployment was over in its step {step}: raise timeout; the next "
        "deployment goes on with what this one has found out"
    )


def stack_does_not_wait(status: str) -> str:
    """Return that a creation comes too late: the stack is being rolled back or deleted, or done."""
    return nothing_registered(f"the stack is {status} and does not wait for this creation")


def prerequisites_missing(missing: Iterable[str]) -> str:
    """Return which of the names that the devices refer to cannot be used."""
    return nothing_registered(f"the devices refer to what is missing: {'; '.join(missing)}")


def input_unreadable(uri: str, code: str) -> str:
    """Return that the input file cannot be read, with the code of S3's error."""
    return f"the input file {uri} must exist and be readable for the worker's role, got {code}"


def twice(uri: str, what: str, first: int, second: int) -> str:
    """Return that two lines of the file are for one device, or have one key."""
    return nothing_registered(f"{uri}:{second}: uses the same {what} as line {first}")


def line_too_long(uri: str, number: int) -> str:
    """Return which line has more bytes than AWS accepts."""
    return nothing_registered(
        f"{uri}:{number}: has more than {MAX_LINE_BYTES} bytes, which is the most of a line"
    )


def no_devices(uri: str, blank: int) -> str:
    """Return that the file declares no device at all."""
    lines = f"{blank} blank lines" if blank else "0 lines"
    return nothing_registered(
        f"{uri} contains no devices ({lines}): must have one JSON object per line"
    )


def nothing_sent(uri: str, failed: int, failures: Iterable[str]) -> str:
    """Return that more lines than may fail cannot be registered."""
    shown = "; ".join(failures)
    return nothing_registered(
        f"{failed} lines of {uri} cannot be registered; first failures: {shown}"
    )


def takes_too_long(devices: int, seconds: float, left: float) -> str:
    """Return that what is to be sent does not fit into the time that is left, and the way out."""
    return nothing_registered(
        f"{devices:,} devices are to be sent and looked up, which takes some {seconds / 60:.0f} "
        f"minutes, and {left / 60:.0f} are left: raise timeout, state things_per_second, or deploy "
        "the file in parts"
    )


def too_many_removed(removed: int, allowed: int, registered: int) -> str:
    """Return that more devices have left the file than may be retired at once."""
    return nothing_registered(
        f"{removed:,} of {registered:,} registered devices are no longer in the input file, and at "
        f"most {allowed:,} may be deregistered at once: if the file is complete, raise "
        "max_deregistered"
    )


def nothing_retired(uri: str, unread: int) -> str:
    """Return, for the log, that no device is retired because lines of the file are not known."""
    lines = "1 line" if unread == 1 else f"{unread:,} lines"
    return (
        f"no device is retired: {lines} of {uri} could not be read; devices that left the file are "
        "retired by the next deployment that reads every line"
    )


def nothing_retired_by_new_code() -> str:
    """Return, for the log, that an update of this library itself retires nothing."""
    return (
        "no device is retired: this update brings another version of thing-registration, whose "
        "rollback could not bring it back; the next deployment retires what has left the file"
    )


def other_input_unreadable(task: str, uri: str, why: str) -> str:
    """Return that it is not known which devices another task of the stack declares."""
    return nothing_registered(
        f"the input file of task {task}, {uri}, must be read before devices are retired that may "
        f"have moved to it: {why}"
    )


def not_brought_back(names: Iterable[str], why: str) -> str:
    """Return which devices that an update has retired its rollback could not bring back."""
    return f"these devices stay out of use: {', '.join(names)}: {why}"


def not_deregistered(refused: int, devices: int) -> str:
    """Return that AWS has refused to retire or delete devices."""
    return (
        f"{refused:,} of {devices:,} devices could not be deregistered, and are tried again by the "
        "next deployment"
    )


def not_deregistered_in_time(left: int, devices: int) -> str:
    """Return that the time was over before all devices were deregistered."""
    return (
        f"the time for the deployment was over before {left:,} of {devices:,} devices could be "
        "deregistered: the next one goes on with them"
    )


def deletion_too_long(devices: int, seconds: float, left: float, stack: str) -> str:
    """Return that a deletion does not fit into the time that is left, and the way out."""
    return (
        f"nothing was deleted: {devices:,} devices are to be deleted, which takes some "
        f"{seconds / 60:.0f} minutes, and {left / 60:.0f} are left: run `thing-registration "
        f"deregister --stack {stack}`, then delete the stack again"
    )


def too_many_failed(failed: int) -> str:
    """Return that devices failed although no task did."""
    return f"{failed} devices are not registered as declared"


def not_as_declared(difference: str) -> str:
    """Return what AWS left as it was, although it reported the line as registered."""
    return f"AWS reported it as registered, but {difference}"


def not_looked_up(thing_name: str, error: Exception) -> str:
    """Return why a line is not sent: AWS refuses to be asked about its device."""
    return f"AWS refuses to look up thing {thing_name}: {error}"


def not_active(thing_name: str, certificate_id: str, status: str) -> str:
    """Return why a line is not sent: a deployment does not bring its certificate back."""
    return (
        f"certificate {certificate_id} of thing {thing_name} is {status}: activate it or give the "
        f"device a new key{_activation(certificate_id, status)}"
    )


def _activation(certificate_id: str, status: str) -> str:
    """Return the command that activates a certificate; a revoked one never comes back."""
    if status != "INACTIVE":
        return ""
    command = "aws iot update-certificate --new-status ACTIVE --certificate-id"
    return f" ({command} {certificate_id}; claim_existing=True says that it is this task's own)"


def bucket_gone(bucket: str) -> str:
    """Return that there is no bucket of this name."""
    return f"bucket {bucket} does not exist"


def bucket_elsewhere(bucket: str, region: str, got: str) -> str:
    """Return that the bucket is in another Region than the things."""
    return f"bucket {bucket} must be in the Region of the things, {region}, got {got}"


def step_died(before: str, error: Mapping[str, str]) -> str:
    """Return what killed a step, after the failure that there was before.

    Args:
        before: the failure before; may be empty.
        error: what a state machine's Catch has put into the state.
    """
    try:
        cause = json.loads(error["Cause"])["errorMessage"]
    except (ValueError, KeyError, TypeError):
        cause = error.get("Cause", "")
    died = f"a step of the registration died: {error['Error']}: {cause}"
    return f"{before}; {died}" if before else died
