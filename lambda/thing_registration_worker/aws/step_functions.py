"""The calls to Step Functions: one execution for each request."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
NAME_MAX = 80


def stop_older(
    states: "SFNClient",
    machine: str,
    logical_id: str,
    request_id: str,
    is_older: Callable[[dict[str, Any]], bool],
) -> None:
    """Stop what still runs for this resource on behalf of an older request.

    Nothing is stopped if this request's execution already exists: then the event is a second
    delivery.

    Args:
        states: the client.
        machine: the state machine's ARN.
        logical_id: of the resource.
        request_id: of the request.
        is_older: whether the request is older that an execution was started with.
    """
    own = _name(logical_id, request_id)
    if _describe(states, f"{machine.replace(':stateMachine:', ':execution:')}:{own}"):
        return
    resource = own.removesuffix(request_id)
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter="RUNNING"
    )
    for page in pages:
        for execution in page["executions"]:
            if not execution["name"].startswith(resource) or execution["name"] == own:
                continue
            found = _describe(states, execution["executionArn"])
            if found is not None and is_older(json.loads(found["input"])):
                _stop(states, execution["executionArn"], f"by request {request_id}")


def start_once(
    states: "SFNClient", machine: str, logical_id: str, request_id: str, data: Mapping[str, Any]
) -> None:
    """Start the request's execution; one that exists is left alone."""
    name = _name(logical_id, request_id)
    try:
        states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(data))
    except states.exceptions.ExecutionAlreadyExists:
        print(f"{request_id} is already under way")


def _name(logical_id: str, request_id: str) -> str:
    """Return the end of the resource's logical id, which makes it unique, and the request's id."""
    room = NAME_MAX - len(request_id) - 1
    return f"{logical_id[-room:]}-{request_id}"


def _stop(states: "SFNClient", arn: str, cause: str) -> None:
    try:
        states.stop_execution(executionArn=arn, error="Superseded", cause=cause)
    except states.exceptions.ClientError:
        # It may have ended between the listing and the stop.
        found = _describe(states, arn)
        if found is not None and found["status"] == "RUNNING":
            raise


def _describe(states: "SFNClient", arn: str) -> "DescribeExecutionOutputTypeDef | None":
    """Return an execution; None when there is no such execution."""
    try:
        return states.describe_execution(executionArn=arn)
    except states.exceptions.ExecutionDoesNotExist:
        return None
