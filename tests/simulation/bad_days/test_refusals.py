"""Lambda that refuses, members that are missing, access that is denied at first."""

import pytest

from tests.simulation.aws import Aws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_no_task_is_stopped_because_lambda_refuses_for_a_while(aws: Aws, stack: Stack) -> None:
    refusal = {"seconds": 45, "code": "TooManyRequestsException", "payload": {"step": "Observe"}}
    aws.faults(things_per_second=0.5, lambda_refuses=refusal)

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("code", ["ServiceException", "SdkClientException"])
def test_a_request_is_answered_although_lambda_refuses_the_answer_for_a_while(
    aws: Aws, stack: Stack, code: str
) -> None:
    aws.faults(lambda_refuses={"seconds": 30, "code": code, "payload": {"step": "Answer"}})

    assert stack.create() == "CREATE_COMPLETE"


def test_a_foreign_task_that_is_described_without_optional_members_is_waited_for(
    aws: Aws, stack: Stack
) -> None:
    members = ["creationDate", "inputFileBucket", "inputFileKey", "percentageProgress"]
    aws.faults(foreign_task_seconds=25, describe_omits=members)

    assert stack.create() == "CREATE_COMPLETE"


@pytest.mark.parametrize("api", ["GetObject", "CopyObject"])
def test_an_input_that_is_denied_at_first_is_tried_again(aws: Aws, stack: Stack, api: str) -> None:
    denied = {"service": "s3", "api": api, "code": "AccessDenied", "status": 403, "next": 2}
    aws.faults(calls=[denied])

    assert stack.create() == "CREATE_COMPLETE"
