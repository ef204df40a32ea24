"""The Lambda that CloudFormation invokes: start one workflow execution for each request.

CloudFormation invokes asynchronously, so that the same event may arrive twice: the execution is
named after the request, and a name is taken once.
"""

import json
import os
import time
from typing import TYPE_CHECKING, Any

import boto3

from answer import respond_failure
from clients import RETRYING
from executions import start_once, stop_older
from progress import Progress
from request import Request
from start import SETTLE

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# A Delete has no timeout of its own; CloudFormation waits for an hour.
DELETE_TIMEOUT = 50 * 60


def handler(event: dict[str, Any], _context: object) -> None:
    """Start the execution; where that fails, answer, because nobody else would."""
    print(json.dumps({key: event.get(key) for key in ("RequestType", "RequestId", "StackId")}))
    try:
        request = Request.from_event(event)
        states: SFNClient = boto3.client("stepfunctions", config=RETRYING)
        received = time.time()
        timeout = DELETE_TIMEOUT if request.kind == "Delete" else request.declaration.timeout
        machine = os.environ["STATE_MACHINE_ARN"]
        stopped = stop_older(states, machine, request)
        progress = Progress(
            deadline=received + timeout, unsettled_until=received + SETTLE if stopped else 0
        )
        start_once(
            states, machine, request, {"request": event, "state": {"progress": progress.to_json()}}
        )
    except Exception as error:  # noqa: BLE001 - whatever it was, the stack waits for an answer
        respond_failure(event, f"the registration could not begin: {type(error).__name__}: {error}")
