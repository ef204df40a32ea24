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
from thing_registration_worker.failure_reason import not_begun
from thing_registration_worker.request.request import Request, answer_ids
from thing_registration_worker.state.order import moment

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

#: What the workflow begins with: the next call, and nothing that a step has decided.
FIRST_STATE = {"call": 1, "next": "", "wait": 0, "failure": "", "since": 0, "deniedSince": 0}


def handler(event: dict[str, Any], _context: object) -> None:
    """Start the execution; where that fails, answer, because nobody else would."""
    print(json.dumps({key: event.get(key) for key in ("RequestType", "RequestId", "StackId")}))
    try:
        _start(event, Request.from_event(event, time.time()))
    except Exception as error:  # noqa: BLE001 - whatever it was, the stack waits for an answer
        respond(event["ResponseURL"], answer_ids(event), not_begun(error), {})


def _start(event: dict[str, Any], request: Request) -> None:
    states: SFNClient = boto3.client("stepfunctions", config=RETRYING)
    machine = os.environ["STATE_MACHINE_ARN"]

    def is_older(data: dict[str, Any]) -> bool:
        sent = moment(data["request"]["ResponseURL"], data["receivedAt"])
        return sent.is_before(request.sent)

    # The list of executions lags: one that this misses finds that it has lost the head.
    stop_older(states, machine, request.logical_id, request.request_id, is_older)
    data = {"request": event, "receivedAt": request.received_at, "state": FIRST_STATE}
    start_once(states, machine, request.logical_id, request.request_id, data)
