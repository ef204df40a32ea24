"""The last step: answer CloudFormation."""

from botocore.exceptions import BotoCoreError, ClientError

import last_task
from aws.cfn_response import respond
from claim import record_answer
from errors import Superseded
from step import Outcome, Step


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
    declaration = step.request.declaration
    task = last_task.recall(step.clients, declaration)
    if task is None:
        # Only where someone has removed the record: an update that has nothing to run.
        unknown = {"Status": "Unknown", "SuccessCount": "0", "FailureCount": "0"}
        return {"TaskId": "unknown", **unknown, "ReportsUri": f"s3://{declaration.bucket}"}
    return {
        "TaskId": task.task_id,
        "Status": task.status,
        "SuccessCount": str(task.success_count),
        "FailureCount": str(task.failure_count),
        "ReportsUri": declaration.reports_uri(task.task_id),
    }
