"""The entry: one execution for each request, and an answer where none can be started."""

import json
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.lambda_.stubs import NOW, event
from thing_registration_worker import on_event

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:Machine"
EXECUTIONS = MACHINE.replace("stateMachine", "execution")
REQUEST_ID = event()["RequestId"]
NAME = f"Fleet30813DF3-{REQUEST_ID}"
OLDER = "Fleet30813DF3-99999999-1111-2222-3333-444444444444"
STARTED = {"executionArn": f"{EXECUTIONS}:{NAME}", "startDate": NOW}


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Any:
    client = boto3.client(
        "stepfunctions", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    monkeypatch.setenv("STATE_MACHINE_ARN", MACHINE)
    monkeypatch.setattr("time.time", lambda: NOW)
    with Stubber(client) as stub, patch("boto3.client", return_value=client):
        yield stub
        stub.assert_no_pending_responses()


def described_execution(name: str, status: str, age: float = 10) -> dict[str, Any]:
    """An execution whose request came so many seconds before NOW."""
    data = {"request": event(), "receivedAt": NOW - age}
    return {
        "input": json.dumps(data),
        "executionArn": f"{EXECUTIONS}:{name}",
        "stateMachineArn": MACHINE,
        "name": name,
        "status": status,
        "startDate": NOW,
    }


def listed_execution(name: str) -> dict[str, Any]:
    described = described_execution(name, "RUNNING")
    return {member: described[member] for member in described if member != "input"}


def queue_described(states: Any, name: str, status: str = "RUNNING", age: float = 10) -> None:
    states.add_response(
        "describe_execution",
        described_execution(name, status, age),
        {"executionArn": f"{EXECUTIONS}:{name}"},
    )


def queue_new(states: Any, running: list[str]) -> None:
    """Queue that this request's execution does not exist, and which others run."""
    states.add_client_error(
        "describe_execution",
        "ExecutionDoesNotExist",
        expected_params={"executionArn": f"{EXECUTIONS}:{NAME}"},
    )
    states.add_response(
        "list_executions",
        {"executions": [listed_execution(name) for name in running]},
        {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"},
    )


def started(**changes: Any) -> dict[str, Any]:
    """The one StartExecution call that is expected."""
    data = {"request": event(**changes), "receivedAt": NOW, "state": on_event.FIRST_STATE}
    return {"stateMachineArn": MACHINE, "name": NAME, "input": json.dumps(data)}


def test_a_request_starts_one_execution_named_after_it(states: Any) -> None:
    queue_new(states, running=[])
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_a_second_delivery_stops_nothing_and_starts_nothing(states: Any) -> None:
    states.add_response("describe_execution", described_execution(NAME, "RUNNING"))
    states.add_client_error("start_execution", "ExecutionAlreadyExists")

    with patch("thing_registration_worker.on_event.respond") as answered:
        on_event.handler(event(), None)

    answered.assert_not_called()


def test_an_older_execution_of_the_same_resource_is_stopped_and_no_other(states: Any) -> None:
    queue_new(states, running=["Other0000-11111111-1111-2222-3333-444444444444", OLDER])
    queue_described(states, OLDER)
    stop = {"executionArn": f"{EXECUTIONS}:{OLDER}"}
    states.add_response(
        "stop_execution",
        {"stopDate": NOW},
        {**stop, "error": "Superseded", "cause": f"by request {REQUEST_ID}"},
    )
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_an_older_execution_that_has_just_ended_is_no_error(states: Any) -> None:
    queue_new(states, running=[OLDER])
    queue_described(states, OLDER)
    states.add_client_error("stop_execution", "ValidationException")
    states.add_response("describe_execution", described_execution(OLDER, "SUCCEEDED"))
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_an_execution_that_cannot_be_started_is_answered_here(states: Any) -> None:
    queue_new(states, running=[])
    states.add_client_error("start_execution", "StateMachineDeleting", "it is being deleted")

    with patch("thing_registration_worker.on_event.respond") as answered:
        on_event.handler(event(), None)

    assert "the registration could not begin: StateMachineDeleting" in answered.call_args.args[2]


def test_an_event_that_cannot_be_read_is_answered_here(states: Any) -> None:
    with patch("thing_registration_worker.on_event.respond") as answered:
        on_event.handler(event(ResourceProperties={}), None)

    assert (
        answered.call_args.args[2] == "the registration could not begin: KeyError: 'TemplateBody'"
    )


def test_the_name_keeps_the_unique_end_of_a_long_logical_id(states: Any) -> None:
    logical_id = "x" * 200 + "30813DF3"
    states.add_response(
        "describe_execution",
        described_execution(NAME, "RUNNING"),
        {"executionArn": f"{EXECUTIONS}:{'x' * 35}30813DF3-{REQUEST_ID}"},
    )
    states.add_response("start_execution", STARTED)

    on_event.handler(event(LogicalResourceId=logical_id), None)


def test_an_older_execution_that_runs_on_although_it_was_stopped_is_answered_here(
    states: Any,
) -> None:
    queue_new(states, running=[OLDER])
    queue_described(states, OLDER)
    states.add_client_error("stop_execution", "AccessDeniedException", "no")
    states.add_response("describe_execution", described_execution(OLDER, "RUNNING"))

    with patch("thing_registration_worker.on_event.respond") as answered:
        on_event.handler(event(), None)

    url, ids, failure, data = answered.call_args.args
    assert (url, ids["RequestId"], data) == (event()["ResponseURL"], REQUEST_ID, {})
    assert failure.startswith("the registration could not begin: ClientError")


def test_an_execution_of_this_request_that_is_listed_already_is_not_stopped(states: Any) -> None:
    queue_new(states, running=[NAME])
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_an_execution_of_a_newer_request_goes_on(states: Any) -> None:
    queue_new(states, running=[OLDER])
    queue_described(states, OLDER, age=-10)
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_an_execution_that_is_gone_when_it_is_asked_for_is_not_stopped(states: Any) -> None:
    queue_new(states, running=[OLDER])
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    states.add_response("start_execution", STARTED, started())

    on_event.handler(event(), None)


def test_the_log_has_the_request_and_never_the_response_url(
    states: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_new(states, running=[])
    states.add_response("start_execution", STARTED)

    on_event.handler(event(), None)

    assert json.loads(capsys.readouterr().out) == {
        "RequestType": "Create",
        "RequestId": REQUEST_ID,
        "StackId": event()["StackId"],
    }
