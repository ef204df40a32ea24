"""The last step, and the answer that ends every request.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import http.client
import json
import time
import urllib.request
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import last_task
from progress import Outcome
from request import physical_id
from step import Step

# CloudFormation ignores a longer answer, and the stack hangs for an hour.
MAX_BYTES = 4_096
ATTEMPTS = 5


def answer(step: Step) -> Outcome:
    """Tell CloudFormation how the request ended."""
    request, failure = step.request, step.progress.failure
    data = {} if failure or request.kind == "Delete" else _attributes(step)
    respond(
        request.response_url,
        {
            "PhysicalResourceId": request.physical_id,
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
        },
        failure,
        data,
    )
    return Outcome("Done", step.progress)


def _attributes(step: Step) -> dict[str, str]:
    """Return every attribute that a template may read: a missing one fails the stack."""
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
        "ReportsUri": f"s3://{declaration.bucket}/{declaration.reports_prefix(task.task_id)}",
    }


def respond_failure(event: Mapping[str, Any], failure: str) -> None:
    """Answer FAILED for an event that no workflow execution will answer."""
    same = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    respond(event["ResponseURL"], {"PhysicalResourceId": physical_id(event), **same}, failure, {})


def respond(url: str, ids: Mapping[str, str], failure: str, data: Mapping[str, str]) -> None:
    """Send the one answer; the reason is cut so that the whole stays under 4,096 bytes.

    Raises:
        OSError, http.client.HTTPException: CloudFormation did not take it in several attempts.
    """
    status = {"Status": "FAILED" if failure else "SUCCESS", "Data": data}
    body = fitting({**ids, **status}, failure)
    # An empty Content-Type: the link is signed without one.
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's own link
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310
                return
        except (OSError, http.client.HTTPException) as error:
            # The link is a credential: only the error is logged.
            print(f"answer, attempt {attempt} of {ATTEMPTS}: {error}")
            if attempt == ATTEMPTS:
                raise
        time.sleep(2 ** (attempt - 1))


def fitting(answer: Mapping[str, Any], reason: str) -> bytes:
    """Return the answer as UTF-8 JSON of less than 4,096 bytes, its reason cut where it must be."""

    def body(length: int) -> bytes:
        shown = reason if length == len(reason) else f"{reason[:length]} …"
        text = json.dumps({**answer, "Reason": shown}, ensure_ascii=False)
        # A message that was cut inside a surrogate pair cannot be encoded.
        return text.encode(errors="replace")

    whole = body(len(reason))
    if len(whole) < MAX_BYTES:
        return whole
    return body(
        bisect_left(range(len(reason)), MAX_BYTES, key=lambda length: len(body(length))) - 1
    )
