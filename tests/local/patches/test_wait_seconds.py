"""Wait states with SecondsPath."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


def test_a_wait_of_a_string_is_an_error(aws: LocalAws) -> None:
    arn = machine(aws, "waits-for-a-string", {"Type": "Wait", "SecondsPath": "$.seconds"})
    states = aws.client("stepfunctions")

    ends = [
        outcome(aws, states.start_execution(stateMachineArn=arn, input=text)["executionArn"])
        for text in ('{"seconds": "0"}', '{"seconds": 0}')
    ]

    assert [end["status"] for end in ends] == ["FAILED", "SUCCEEDED"]
    assert ends[0]["error"] == "States.Runtime"
