"""The last step: answer CloudFormation."""

from botocore.exceptions import BotoCoreError, ClientError

from thing_registration_worker.aws.cfn_response import respond
from thing_registration_worker.errors import Superseded
from thing_registration_worker.state import last_run
from thing_registration_worker.state.claim import record_answer
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.step import Outcome, Step


def answer(step: Step) -> Outcome:
    """Answer with the failure, or with every attribute that a template may read."""
    request, failure = step.request, step.progress.failure
    data = {} if failure or request.kind == "Delete" else _attributes(step)
    respond(request.response_url, request.answer_ids, failure, data)
    _record(step)
    return Outcome("Done", step.progress)


def _record(step: Step) -> None:
    """Record the answer, so that a deletion does not wait for calls that may be under way."""
    try:
        record_answer(step)
    except (Superseded, ClientError, BotoCoreError) as error:
        # The request is answered, whatever became of the bucket.
        print(f"the answer is not recorded: {error}")


def _attributes(step: Step) -> dict[str, str]:
    """Return every attribute, whatever ran: a missing one fails the stack."""
    request, declaration = step.request, step.request.declaration
    # Without a record: before the first run, or someone has removed it.
    run = last_run.recall(step.clients, declaration) or LastRun("")
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
