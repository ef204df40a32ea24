"""The Lambda that CloudFormation invokes: start one workflow execution for each request.

CloudFormation invokes asynchronously, so that the same event may arrive twice: the execution is
named after the request, and a name is taken once.
"""

import json
import os
import time
from typing import TYPE_CHECKING, Any

import boto3

from thing_registration_worker.aws.cfn_response import respond
from thing_registration_worker.aws.clients import RETRYING
from thing_registration_worker.aws.step_functions import start_once, stop_older
from thing_registration_worker.request.request import Request, answer_ids
from thing_registration_worker.run.progress import Progress

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def handler(event: dict[str, Any], _context: object) -> None:
    """Start the execution; where that fails, answer, because nobody else would."""
    print(json.dumps({key: event.get(key) for key in ("RequestType", "RequestId", "StackId")}))
    try:
        _start(event, Request.from_event(event))
    except Exception as error:  # noqa: BLE001 - whatever it was, the stack waits for an answer
        failure = f"the registration could not begin: {type(error).__name__}: {error}"
        respond(event["ResponseURL"], answer_ids(event), failure, {})


def _start(event: dict[str, Any], request: Request) -> None:
    states: SFNClient = boto3.client("stepfunctions", config=RETRYING)
    machine = os.environ["STATE_MACHINE_ARN"]
    received = time.time()
    # The list of executions lags: one that this misses finds that it has lost its claim.
    stop_older(states, machine, request.logical_id, request.request_id)
    progress = Progress(deadline=received + request.timeout, received_at=received)
    data = {"request": event, "state": {"progress": progress.to_json()}}
    start_once(states, machine, request.logical_id, request.request_id, data)
