"""The calls to Step Functions: one execution for each request."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from request import Request

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

NAME_MAX = 80


def stop_older(states: "SFNClient", machine: str, request: Request) -> bool:
    """Stop what still runs for this resource on behalf of an older request.

    Returns:
        Whether an execution was stopped. None is when this request's own execution exists: then
        the event is a second delivery, and what runs may be newer.
    """
    own = _name(request)
    if _status(states, f"{machine.replace(':stateMachine:', ':execution:')}:{own}"):
        return False
    resource = own.removesuffix(request.request_id)
    stopped = False
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter="RUNNING"
    )
    for page in pages:
        for execution in page["executions"]:
            if execution["name"].startswith(resource) and execution["name"] != own:
                _stop(states, execution["executionArn"], f"{request.kind} {request.request_id}")
                stopped = True
    return stopped


def start_once(
    states: "SFNClient", machine: str, request: Request, data: Mapping[str, Any]
) -> None:
    """Start the request's execution; one that exists is left alone."""
    try:
        states.start_execution(stateMachineArn=machine, name=_name(request), input=json.dumps(data))
    except states.exceptions.ExecutionAlreadyExists:
        print(f"{request.request_id} is already under way")


def _name(request: Request) -> str:
    """Return the resource's logical id, its unique end at least, and the request's id."""
    room = NAME_MAX - len(request.request_id) - 1
    return f"{request.logical_id[-room:]}-{request.request_id}"


def _stop(states: "SFNClient", arn: str, successor: str) -> None:
    try:
        states.stop_execution(executionArn=arn, error="Superseded", cause=f"by {successor}")
    except states.exceptions.ClientError:
        # It may have ended between the listing and the stop.
        if _status(states, arn) == "RUNNING":
            raise


def _status(states: "SFNClient", arn: str) -> str:
    """Return the execution's status; empty when there is no such execution."""
    try:
        return states.describe_execution(executionArn=arn)["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return ""
