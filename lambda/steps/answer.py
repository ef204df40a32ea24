"""The last step: answer CloudFormation."""

import last_task
from aws.cfn_response import respond
from step import Outcome, Step


def answer(step: Step) -> Outcome:
    """Answer with the failure, or with every attribute that a template may read."""
    request, failure = step.request, step.progress.failure
    data = {} if failure or request.kind == "Delete" else _attributes(step)
    respond(request.response_url, request.answer_ids, failure, data)
    return Outcome("Done", step.progress)


def _attributes(step: Step) -> dict[str, str]:
    """Return every attribute, whatever ran: a missing one fails the stack."""
    task = last_task.recall(step.clients, step.request)
    declaration = step.request.declaration
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
