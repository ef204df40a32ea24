"""The last step: answer CloudFormation."""

from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws.cfn_response import respond
from thing_registration_worker.errors import CallAgain, Settled, Superseded
from thing_registration_worker.state import clean_up
from thing_registration_worker.state.head import Head
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.step import Outcome, Step


def answer(step: Step) -> Outcome:
    """Answer with the failure, or with every attribute that a template may read.

    The answer is recorded, so that the next request need not wait for calls of this one.
    """
    request, failure = step.request, step.call.failure
    if step.head is not None and request.kind == "Delete":
        _release(step, step.head)
    data = {} if failure or request.kind == "Delete" else _attributes(step)
    respond(request.response_url, request.answer_ids, failure, data)
    if step.head is None:
        return Outcome("Done")
    clean_up.delete_old_states(step)
    return Outcome("Done", head={"holder": replace(step.head.holder, answered=True)})


def _release(step: Step, head: Head) -> None:
    """End the ownership, whatever stays: before the answer, which may end the worker's rights."""
    is_mine = head.owner == step.request.owner
    try:
        step.commit(
            holder=replace(head.holder, answered=True), owner=None if is_mine else head.owner
        )
    except (Superseded, Settled, CallAgain, ClientError, BotoCoreError) as error:
        # The request is to be answered, whatever became of the bucket.
        print(f"the end of the deletion is not recorded: {error}")


def _attributes(step: Step) -> dict[str, str]:
    """Return every attribute, whatever ran: a missing one fails the stack."""
    request, declaration = step.request, step.request.declaration
    # Without a run: before the first one, or the head cannot be read.
    run = step.head.last_run if step.head is not None else LastRun()
    return {
        "TaskId": run.task_id or "unknown",
        "Status": run.status or "Unknown",
        "SuccessCount": str(run.succeeded),
        "FailureCount": str(run.failed),
        "RegisteredCount": str(run.registered),
        "UnchangedCount": str(run.unchanged),
        "RemovedCount": str(run.removed),
        "ReportsUri": declaration.reports_uri(run.request_id or request.request_id),
    }
