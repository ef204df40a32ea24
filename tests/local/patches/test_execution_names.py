"""StartExecution with a name that was used before."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(aws: LocalAws) -> None:
    states = aws.client("stepfunctions")
    arn = machine(aws, "waits", {"Type": "Wait", "Seconds": 1})
    start = {"stateMachineArn": arn, "name": "once"}

    first = states.start_execution(**start, input='{"a": 1}')
    second = states.start_execution(**start, input='{"a": 1}')

    assert first["executionArn"] == second["executionArn"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**start, input='{"a": 2}')
    assert outcome(aws, first["executionArn"])["status"] == "SUCCEEDED"
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**start, input='{"a": 1}')
